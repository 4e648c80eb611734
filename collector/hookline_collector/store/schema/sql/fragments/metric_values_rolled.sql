-- Values of metrics by hours and minutes as they were worked out; `worked_until` is when that ends.
WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations
FROM ${database}.otel_metrics_1h FINAL
PREWHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations
FROM ${database}.otel_metrics_minutes FINAL
PREWHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
