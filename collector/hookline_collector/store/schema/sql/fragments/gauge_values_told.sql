-- Values of gauges behind what was worked out, point by point.
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes,
    cityHash64(ServiceName, MetricName, MetricUnit, 'gauge', ScopeName, ResourceAttributes, Attributes),
    toDateTime(TimeUnix, 'UTC'), 1, Value, Value, Value, Value, 0, 0
FROM ${database}.otel_metrics_gauge
WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')}
