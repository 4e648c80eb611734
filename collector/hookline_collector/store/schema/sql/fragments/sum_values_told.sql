-- Values of sums behind it, point by point; of running totals what they grew by, and one that begins anew counts whole.
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes, series, toDateTime(TimeUnix, 'UTC'), 1, Value, Value, Value, Value,
    multiIf(
        temporality = 0 OR is_unknown, 0.,
        temporality = 2 AND has_before AND StartTimeUnix <= time_before AND (rises = 0 OR Value >= value_before), Value - value_before,
        Value),
    0
FROM (
    WITH
        toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(time_before) <= 3600000000000 AS has_before,
        temporality = 2 AND NOT has_before AND toUnixTimestamp64Nano(StartTimeUnix) < toUnixTimestamp64Nano(TimeUnix) - 3600000000000 AS is_unknown
    SELECT
        MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Value, AggregationTemporality AS temporality,
        toUInt8(IsMonotonic) AS rises,
        cityHash64(ServiceName, MetricName, MetricUnit, 'sum', ScopeName, ResourceAttributes, Attributes, AggregationTemporality) AS series,
        lagInFrame(TimeUnix) OVER w AS time_before,
        lagInFrame(Value) OVER w AS value_before,
        has_before, is_unknown
    FROM ${database}.otel_metrics_sum
    WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) - 3600 AND TimeUnix <= {until:DateTime('UTC')}
    WINDOW w AS (PARTITION BY series ORDER BY TimeUnix, Value ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE TimeUnix >= greatest({since:DateTime('UTC')}, worked_until)
