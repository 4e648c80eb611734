-- How long do calls wait for somebody's permission: the half and 95 of 100?
WITH quantiles(0.5, 0.95)(wait_s) AS within
SELECT
    toDateTime(intDiv(started_ns, $__interval_s * 1000000000) * $__interval_s, 'UTC') AS t,
    toNullable(within[1]) AS p50,
    toNullable(within[2]) AS p95,
    toNullable(count()) AS waits
{{calls_of_range}}
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
  AND wait_s > 0
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
