-- As read_spend.sql, of whole days as they were added up, and of the rows of all others.
SELECT
    key,
    toUInt8(grouping(key)) AS is_total,
    sum(u.requests) AS requests,
    sum(u.input_tokens) AS input_tokens,
    sum(u.output_tokens) AS output_tokens,
    sum(u.cache_read_tokens) AS cache_read_tokens,
    sum(u.cache_creation_tokens) AS cache_creation_tokens,
    sum(u.cost_usd) AS cost_usd,
    sum(u.requests_without_cost) AS requests_without_cost
FROM (
    SELECT KEY_OF_DAY AS key, requests, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, cost_usd, requests_without_cost
    FROM worked_days
    WHERE grain IN {grains:Array(UInt8)} AND IS_ADDED_UP AND ({agent:String} = '' OR agent = {agent:String})
    UNION ALL
    SELECT
        KEY_OF_ROW AS key,
        count(), sum(w.input_tokens), sum(w.output_tokens), sum(w.cache_read_tokens), sum(w.cache_creation_tokens), sum(w.cost_usd),
        countIf(w.cost_usd IS NULL)
    FROM worked_requests AS w FINAL
    WHERE day BETWEEN {since:Date} AND {until:Date} AND (day < {first:Date} OR day > {last:Date} OR day IN {open:Array(Date)})
          AND time_ns >= {edges:Array(Int64)}[1] AND time_ns < {edges:Array(Int64)}[-1] AND ({agent:String} = '' OR agent = {agent:String})
    GROUP BY key
    HAVING count() > 0
) AS u
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
SETTINGS do_not_merge_across_partitions_select_final = 1
