-- Values behind it of histograms that tell what came since the last point.
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes,
    cityHash64(ServiceName, MetricName, MetricUnit, 'histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality, ExplicitBounds),
    toDateTime(TimeUnix, 'UTC'), 1, Sum, Min, Max, Sum, Sum, Count
FROM ${database}.otel_metrics_histogram
WHERE MetricName IN {metrics:Array(String)} AND AggregationTemporality = 1
  AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')}
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes,
    cityHash64(ServiceName, MetricName, MetricUnit, 'exponential_histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality),
    toDateTime(TimeUnix, 'UTC'), 1, Sum, Min, Max, Sum, Sum, Count
FROM ${database}.otel_metrics_exponential_histogram
WHERE MetricName IN {metrics:Array(String)} AND AggregationTemporality = 1
  AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')}
