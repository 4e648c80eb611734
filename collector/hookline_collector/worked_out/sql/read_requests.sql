-- As requests.sql of the usage windows, of what was worked out.
SELECT
    multiIf(r.account != '', toString(r.account), s.user != '', toString(s.user), toString(r.user)) AS payer,
    r.time_ns AS time_ns,
    r.input_tokens,
    r.output_tokens,
    r.cache_creation_tokens,
    r.cache_read_tokens,
    r.cost_usd,
    r.model
FROM (SELECT * FROM worked_requests FINAL WHERE day BETWEEN {since:Date} AND {until:Date}) AS r
LEFT JOIN (SELECT session_id, user FROM worked_sessions FINAL WHERE last_day >= {since:Date} - 1) AS s ON s.session_id = r.session_id
WHERE {account:String} = '' OR payer = {account:String}
ORDER BY payer, time_ns
SETTINGS do_not_merge_across_partitions_select_final = 1
