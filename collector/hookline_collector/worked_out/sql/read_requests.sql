-- As requests.sql of the usage windows, of what was worked out.
SELECT
    multiIf(r.account != '', toString(r.account), s.user != '', toString(s.user), toString(r.user)) AS payer,
    min(r.first_ns) AS begun_ns,
    sum(r.input),
    sum(r.output),
    sum(r.cache_creation),
    sum(r.cache_read),
    sum(r.cost),
    model,
    sum(r.times),
    max(r.last_ns)
FROM (
    SELECT
        session_id, account, user, model,
        if(time_ns > {fine_ns:Int64}, time_ns, intDiv(time_ns, 3600000000000) * 2 + (time_ns % 3600000000000 > 0)) AS slot,
        roundDown(time_ns, {edges:Array(Int64)}) AS edge,
        min(time_ns) AS first_ns,
        max(time_ns) AS last_ns,
        sum(input_tokens) AS input,
        sum(output_tokens) AS output,
        sum(cache_creation_tokens) AS cache_creation,
        sum(cache_read_tokens) AS cache_read,
        sum(cost_usd) AS cost,
        count() AS times
    FROM worked_requests FINAL
    WHERE day BETWEEN {since:Date} AND {until:Date}
    GROUP BY session_id, account, user, model, slot, edge
) AS r
LEFT JOIN (SELECT session_id, user FROM worked_sessions FINAL WHERE last_day >= {since:Date} - 1) AS s ON s.session_id = r.session_id
WHERE {account:String} = '' OR payer = {account:String}
GROUP BY payer, model, slot, edge
ORDER BY payer, begun_ns, model
SETTINGS do_not_merge_across_partitions_select_final = 1
