-- The same of what is not worked out yet: a running total grows from its last point on, and one that begins anew counts whole.
SELECT metric, sum(increase) AS grown, max(value) AS at_most
FROM (
    SELECT MetricName AS metric, TimeUnix AS time, Value AS value, 0. AS increase
    FROM otel_metrics_gauge
    WHERE MetricName IN ('process.memory.usage', 'process.thread.count', 'process.unix.file_descriptor.count', 'hookline.loop.longest')
      AND ServiceName = {service:String} AND TimeUnix >= {worked_until:DateTime('UTC')} AND TimeUnix <= {until:DateTime('UTC')}
    UNION ALL
    SELECT
        MetricName, TimeUnix, Value,
        multiIf(
            AggregationTemporality != 2, Value,
            is_first AND StartTimeUnix < TimeUnix - 3600, 0.,
            is_first OR StartTimeUnix > time_before OR (IsMonotonic AND Value < value_before), Value,
            Value - value_before)
    FROM (
        SELECT
            MetricName, TimeUnix, Value, StartTimeUnix, AggregationTemporality, IsMonotonic,
            lagInFrame(TimeUnix) OVER w AS time_before, lagInFrame(Value) OVER w AS value_before,
            dateDiff('second', time_before, TimeUnix) > 3600 AS is_first
        FROM otel_metrics_sum
        WHERE MetricName IN ('process.cpu.time', 'process.memory.usage', 'process.thread.count', 'process.unix.file_descriptor.count')
          AND ServiceName = {service:String} AND TimeUnix >= {worked_until:DateTime('UTC')} - 3600 AND TimeUnix <= {until:DateTime('UTC')}
        WINDOW w AS (
            PARTITION BY MetricName, MetricUnit, ScopeName, ResourceAttributes, Attributes, AggregationTemporality
            ORDER BY TimeUnix, Value ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
)
WHERE time >= {worked_until:DateTime('UTC')}
GROUP BY metric
