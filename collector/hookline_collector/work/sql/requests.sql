-- Which API requests count, account by account? (for usage windows; who has told no account is one by name, as the session's hooks know it)
-- Those of an hour to a model are one row, except after {fine_ns}: windows begin and end at full hours, or at one of the {edges}. What comes at the very
-- hour is a row of its own, since it belongs to the estimated window before it and to the observed one after it.
SELECT
    multiIf(r.account != '', r.account, s.user != '', s.user, r.user) AS payer,
    min(toUnixTimestamp64Nano(r.time)) AS begun_ns,
    sum(r.input_tokens),
    sum(r.output_tokens),
    sum(r.cache_creation_tokens),
    sum(r.cache_read_tokens),
    sum(r.cost_usd),
    model,
    count(),
    max(toUnixTimestamp64Nano(r.time))
FROM (
    SELECT
        *,
        toUnixTimestamp64Nano(time) AS time_ns,
        if(time_ns > {fine_ns:Int64}, time_ns, intDiv(time_ns, 3600000000000) * 2 + (time_ns % 3600000000000 > 0)) AS slot,
        roundDown(time_ns, {edges:Array(Int64)}) AS edge
    FROM told_usage_between(since = {since:Date}, until = {until:Date})
) AS r
LEFT JOIN (
    SELECT session_id, max(k.user).4 AS user
    FROM sessions_state AS k
    GROUP BY session_id
) AS s ON s.session_id = r.session_id
WHERE {account:String} = '' OR payer = {account:String}
GROUP BY payer, model, slot, edge
ORDER BY payer, begun_ns, model
