-- Within how long were half, 95 and 99 of 100 requests answered?
WITH
    $__interval_s >= 3600 AS by_hours,
    {{requests_worked_out}}
SELECT t, toNullable(within(0.5)) AS p50, toNullable(within(0.95)) AS p95, toNullable(within(0.99)) AS p99
FROM (
    SELECT $__timeInterval(time) AS t, sumForEach(buckets) AS counts, anyIf(ends, notEmpty(ends)) AS bounds
    FROM (
        {{requests_counted}}
    )
    WHERE $__conditionalAll(service IN (${service:singlequote}), $service)
    GROUP BY t
)
WHERE arraySum(counts) > 0
ORDER BY t WITH FILL STEP $__interval_s
