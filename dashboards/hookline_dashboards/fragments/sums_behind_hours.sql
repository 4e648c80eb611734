SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Value, IsMonotonic,
    AggregationTemporality AS temporality,
    cityHash64(ServiceName, MetricName, MetricUnit, 'sum', ScopeName, ResourceAttributes, Attributes, AggregationTemporality) AS series,
    lagInFrame(TimeUnix) OVER w AS time_before,
    lagInFrame(Value) OVER w AS value_before
FROM otel_metrics_sum
PREWHERE MetricName IN of_metrics AND TimeUnix >= rows_from - 3600 AND TimeUnix <= $__toTime
WINDOW w AS (PARTITION BY series ORDER BY TimeUnix, Value ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
