INSERT INTO otel_metrics_minutes
    (ServiceName, MetricName, MetricUnit, Kind, Series, ResourceAttributes, Attributes, Bucket, Points, Total, Min, Max, Last, Increase, Observations,
     BucketCounts, ExplicitBounds)
SELECT *
FROM metric_buckets(
    since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, seconds = 60, metric = '')
