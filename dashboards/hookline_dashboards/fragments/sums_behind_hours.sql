SELECT
    MetricName, Attributes, StartTimeUnix, TimeUnix, Value, IsMonotonic, AggregationTemporality AS temporality,
    lagInFrame(TimeUnix) OVER w AS time_before,
    lagInFrame(Value) OVER w AS value_before
FROM otel_metrics_sum
WHERE MetricName IN of_metrics AND TimeUnix >= rows_from - 3600 AND TimeUnix <= $__toTime
WINDOW w AS (
    PARTITION BY cityHash64(ServiceName, MetricName, MetricUnit, ScopeName, ResourceAttributes, Attributes, AggregationTemporality)
    ORDER BY TimeUnix, Value ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
