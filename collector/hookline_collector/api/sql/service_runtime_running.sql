-- By how much did running totals of a service grow that are not worked out yet? From their last point on; one that begins anew counts whole.
SELECT MetricName AS metric, sum(increase) AS grown, 0. AS at_most
FROM (
    SELECT
        MetricName, TimeUnix,
        multiIf(
            is_first AND StartTimeUnix < TimeUnix - 3600, 0.,
            is_first OR StartTimeUnix > time_before OR (IsMonotonic AND Value < value_before), Value,
            Value - value_before) AS increase
    FROM (
        SELECT
            MetricName, TimeUnix, Value, StartTimeUnix, IsMonotonic,
            lagInFrame(TimeUnix) OVER w AS time_before, lagInFrame(Value) OVER w AS value_before,
            dateDiff('second', time_before, TimeUnix) > 3600 AS is_first
        FROM otel_metrics_sum
        WHERE MetricName = 'process.cpu.time' AND AggregationTemporality = 2
          AND ServiceName = {service:String} AND TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')}
        WINDOW w AS (
            PARTITION BY MetricName, MetricUnit, ScopeName, ResourceAttributes, Attributes
            ORDER BY TimeUnix, Value ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
)
WHERE TimeUnix >= {since:DateTime('UTC')}
GROUP BY metric
