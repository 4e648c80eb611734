-- As read_spend.sql, of whole days as they were added up.
SELECT
    KEY_OF_DAY AS key,
    toUInt8(grouping(key)) AS is_total,
    sum(u.requests) AS requests,
    sum(u.input_tokens) AS input_tokens,
    sum(u.output_tokens) AS output_tokens,
    sum(u.cache_read_tokens) AS cache_read_tokens,
    sum(u.cache_creation_tokens) AS cache_creation_tokens,
    sum(u.cost_usd) AS cost_usd,
    sum(u.requests_without_cost) AS requests_without_cost
FROM worked_days AS u
WHERE grain IN {grains:Array(UInt8)} AND IS_ADDED_UP AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY GROUPING SETS ((key), ())
