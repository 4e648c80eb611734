SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, session_id, project, signal, reason, direction,
    Series AS series, Bucket AS time, Max AS most, Increase AS increase
FROM otel_metrics_1h FINAL
PREWHERE $__interval_s >= 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 3600 AND Bucket <= $__toTime
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, session_id, project, signal, reason, direction, Series, Bucket, Max, Increase
FROM otel_metrics_minutes FINAL
PREWHERE $__interval_s < 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 60 AND Bucket <= $__toTime
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes,
    Attributes['session.id'],
    toLowCardinality(Attributes['hookline.project.name']),
    toLowCardinality(Attributes['hookline.signal']),
    toLowCardinality(Attributes['hookline.reason']),
    toLowCardinality(Attributes['disk.io.direction']),
    series, toDateTime(TimeUnix, 'UTC'), Value,
    {{increase_of_sum}}
FROM (
    {{sums_behind_hours}}
)
WHERE TimeUnix >= rows_from
