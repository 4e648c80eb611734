SELECT MetricName AS metric, ServiceName AS service, Bucket AS time, Max AS most
FROM otel_metrics_1h FINAL
PREWHERE $__interval_s >= 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 3600 AND Bucket <= $__toTime
UNION ALL
SELECT MetricName, ServiceName, Bucket, Max
FROM otel_metrics_minutes FINAL
PREWHERE $__interval_s < 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 60 AND Bucket <= $__toTime
UNION ALL
SELECT MetricName, ServiceName, toDateTime(TimeUnix, 'UTC'), Value
FROM otel_metrics_sum
PREWHERE MetricName IN of_metrics AND TimeUnix >= rows_from AND TimeUnix <= $__toTime
UNION ALL
SELECT MetricName, ServiceName, toDateTime(TimeUnix, 'UTC'), Value
FROM otel_metrics_gauge
PREWHERE MetricName IN of_metrics AND TimeUnix >= rows_from AND TimeUnix <= $__toTime
