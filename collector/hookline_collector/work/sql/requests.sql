-- Which API requests count, account by account, since {since}? (for usage windows; who has told no account is one by name)
SELECT
    if(account = '', user, account) AS account,
    toUnixTimestamp64Nano(time) AS time_ns,
    input_tokens,
    output_tokens,
    cache_creation_tokens,
    cache_read_tokens,
    cost_usd,
    model
FROM usage_between(since = {since:Date}, until = {until:Date})
WHERE {account:String} = '' OR account = {account:String}
ORDER BY account, time_ns
