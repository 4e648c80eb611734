-- Within how long were half, 95 and 99 of 100 requests answered?
WITH
    {{within_buckets}}
SELECT t, toNullable(within(0.5)) AS p50, toNullable(within(0.95)) AS p95, toNullable(within(0.99)) AS p99
FROM (
    SELECT $__timeInterval(time) AS t, sumForEach(bucket_counts) AS counts, any(bounds) AS bounds
    FROM metric_curves(metric = 'http.server.request.duration', since = $__fromTime, until = $__toTime,
        points = intDiv(toUnixTimestamp($__toTime) - toUnixTimestamp($__fromTime) + $__interval_s - 1, $__interval_s))
    WHERE $__conditionalAll(service IN (${service:singlequote}), $service)
    GROUP BY t
)
WHERE arraySum(counts) > 0
ORDER BY t WITH FILL STEP $__interval_s
