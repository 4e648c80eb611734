-- How many tool calls took how long? A column for each upper bound in seconds; the last holds what took longer.
WITH
    $__interval_s % 3600 = 0 AS is_by_hours,
    {{known_days}}
SELECT
    toDateTime(intDiv(at_ns, $__interval_s * 1000000000) * $__interval_s, 'UTC') AS t,
    sum(arrayCount(each -> each < 0.01, run_values)) AS `0.01`,
    sum(arrayCount(each -> each >= 0.01 AND each < 0.03, run_values)) AS `0.03`,
    sum(arrayCount(each -> each >= 0.03 AND each < 0.1, run_values)) AS `0.1`,
    sum(arrayCount(each -> each >= 0.1 AND each < 0.3, run_values)) AS `0.3`,
    sum(arrayCount(each -> each >= 0.3 AND each < 1, run_values)) AS `1`,
    sum(arrayCount(each -> each >= 1 AND each < 3, run_values)) AS `3`,
    sum(arrayCount(each -> each >= 3 AND each < 10, run_values)) AS `10`,
    sum(arrayCount(each -> each >= 10 AND each < 30, run_values)) AS `30`,
    sum(arrayCount(each -> each >= 30 AND each < 120, run_values)) AS `120`,
    sum(arrayCount(each -> each >= 120 AND each < 600, run_values)) AS `600`,
    sum(arrayCount(each -> each >= 600, run_values)) AS `3600`
{{calls_by_hour}}
WHERE notEmpty(run_values)
GROUP BY t
ORDER BY t
