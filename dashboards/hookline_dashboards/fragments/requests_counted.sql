SELECT
    ServiceName AS service, Attributes AS attributes, Bucket AS time,
    Observations AS served, Increase AS took_s, BucketCounts AS buckets, ExplicitBounds AS ends
FROM otel_metrics_1h FINAL
PREWHERE by_hours AND MetricName IN of_metrics AND Bucket >= first_hour AND Bucket < last_hour
UNION ALL
SELECT ServiceName, Attributes, Bucket, Observations, Increase, BucketCounts, ExplicitBounds
FROM otel_metrics_minutes FINAL
PREWHERE MetricName IN of_metrics AND Bucket >= $__fromTime AND Bucket < rows_from
    AND (NOT by_hours OR Bucket < first_hour OR Bucket >= last_hour)
UNION ALL
{{histograms_behind_hours}}
