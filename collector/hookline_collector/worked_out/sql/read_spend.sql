-- As spend.sql of the reports, of what was worked out: a request without a project of its own has its prompt's there already.
SELECT
    KEY AS key,
    toUInt8(grouping(key)) AS is_total,
    count() AS requests,
    sum(u.input_tokens) AS input_tokens,
    sum(u.output_tokens) AS output_tokens,
    sum(u.cache_read_tokens) AS cache_read_tokens,
    sum(u.cache_creation_tokens) AS cache_creation_tokens,
    sum(u.cost_usd) AS cost_usd,
    countIf(u.cost_usd IS NULL) AS requests_without_cost
FROM worked_requests AS u FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} AND time_ns >= {cuts:Array(Int64)}[1] AND time_ns < {cuts:Array(Int64)}[-1] BESIDE
  AND ({user:String} = '' OR of_user = {user:String}) AND ({project:String} = '' OR of_project = {project:String})
  AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
SETTINGS do_not_merge_across_partitions_select_final = 1
