-- Which API requests count, account by account? (for usage windows; who has told no account is one by name, as the session's hooks know it)
SELECT
    multiIf(r.account != '', r.account, s.user != '', s.user, r.user) AS payer,
    toUnixTimestamp64Nano(r.time) AS time_ns,
    r.input_tokens,
    r.output_tokens,
    r.cache_creation_tokens,
    r.cache_read_tokens,
    r.cost_usd,
    r.model
FROM told_usage_between(since = {since:Date}, until = {until:Date}) AS r
LEFT JOIN (
    SELECT session_id, max(k.user).4 AS user
    FROM sessions_state AS k
    GROUP BY session_id
) AS s ON s.session_id = r.session_id
WHERE {account:String} = '' OR payer = {account:String}
ORDER BY payer, time_ns
