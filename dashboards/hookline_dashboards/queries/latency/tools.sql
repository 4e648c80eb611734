-- How long do tool calls take: the half, 95 and 99 of 100 are done within?
WITH quantiles(0.5, 0.95, 0.99)(run_s) AS within
SELECT
    toDateTime(intDiv(started_ns, $__interval_s * 1000000000) * $__interval_s, 'UTC') AS t,
    toNullable(within[1]) AS p50,
    toNullable(within[2]) AS p95,
    toNullable(within[3]) AS p99
{{calls_of_range}}
  AND outcome != 'denied'
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
