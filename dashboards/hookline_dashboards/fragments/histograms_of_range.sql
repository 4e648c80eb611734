SELECT
    ServiceName AS service, Attributes AS attributes, Bucket AS time,
    Observations AS observations, Increase AS increase, BucketCounts AS buckets, ExplicitBounds AS ends
FROM otel_metrics_1h FINAL
PREWHERE MetricName IN of_metrics AND Bucket >= first_hour AND Bucket < last_hour
UNION ALL
SELECT ServiceName, Attributes, Bucket, Observations, Increase, BucketCounts, ExplicitBounds
FROM otel_metrics_minutes FINAL
PREWHERE $__interval_s < 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 60 AND Bucket <= $__toTime
    AND (Bucket < first_hour OR Bucket >= last_hour)
UNION ALL
{{histograms_behind_hours}}
