-- How long do tool calls take: the half, 95 and 99 of 100 are done within?
WITH
    $__interval_s % 3600 = 0 AS is_by_hours,
    quantilesArray(0.5, 0.95, 0.99)(run_values) AS within,
    {{known_days}}
SELECT
    toDateTime(intDiv(at_ns, $__interval_s * 1000000000) * $__interval_s, 'UTC') AS t,
    toNullable(within[1]) AS p50,
    toNullable(within[2]) AS p95,
    toNullable(within[3]) AS p99
{{calls_by_hour}}
WHERE notEmpty(run_values)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
