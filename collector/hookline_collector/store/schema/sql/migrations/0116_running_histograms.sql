-- As in 0108, with histograms that tell running totals, as OpenTelemetry's SDKs do by default: those of hours that are not worked out yet were left out.
CREATE OR REPLACE VIEW ${database}.metric_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations
FROM ${database}.otel_metrics_1h FINAL
PREWHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations
FROM ${database}.otel_metrics_minutes FINAL
PREWHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes,
    cityHash64(ServiceName, MetricName, MetricUnit, 'gauge', ScopeName, ResourceAttributes, Attributes),
    toDateTime(TimeUnix, 'UTC'), 1, Value, Value, Value, Value, 0, 0
FROM ${database}.otel_metrics_gauge
WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')}
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes, series, toDateTime(TimeUnix, 'UTC'), 1, Value, Value, Value, Value,
    multiIf(
        temporality = 0 OR is_unknown, 0.,
        temporality = 2 AND has_before AND StartTimeUnix <= time_before AND (rises = 0 OR Value >= value_before), Value - value_before,
        Value),
    0
FROM (
    WITH
        toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(time_before) <= 3600000000000 AS has_before,
        temporality = 2 AND NOT has_before AND toUnixTimestamp64Nano(StartTimeUnix) < toUnixTimestamp64Nano(TimeUnix) - 3600000000000 AS is_unknown
    SELECT
        MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Value, AggregationTemporality AS temporality,
        toUInt8(IsMonotonic) AS rises,
        cityHash64(ServiceName, MetricName, MetricUnit, 'sum', ScopeName, ResourceAttributes, Attributes, AggregationTemporality) AS series,
        lagInFrame(TimeUnix) OVER w AS time_before,
        lagInFrame(Value) OVER w AS value_before,
        has_before, is_unknown
    FROM ${database}.otel_metrics_sum
    WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) - 3600 AND TimeUnix <= {until:DateTime('UTC')}
    WINDOW w AS (PARTITION BY series ORDER BY TimeUnix, Value ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE TimeUnix >= greatest({since:DateTime('UTC')}, worked_until)
UNION ALL
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
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes, series, toDateTime(TimeUnix, 'UTC'), 1, Sum, Min, Max, Sum,
    multiIf(is_unknown, 0., goes_on, Sum - sum_before, Sum),
    multiIf(is_unknown, toUInt64(0), goes_on, toUInt64(Count - count_before), Count)
FROM (
    WITH
        toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(time_before) <= 3600000000000 AS has_before,
        has_before AND StartTimeUnix <= time_before AND Count >= count_before AND Sum >= sum_before AS goes_on,
        NOT has_before AND toUnixTimestamp64Nano(StartTimeUnix) < toUnixTimestamp64Nano(TimeUnix) - 3600000000000 AS is_unknown
    SELECT
        MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max, series,
        lagInFrame(TimeUnix) OVER w AS time_before,
        lagInFrame(Count) OVER w AS count_before,
        lagInFrame(Sum) OVER w AS sum_before,
        goes_on, is_unknown
    FROM (
        SELECT
            MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max,
            cityHash64(
                ServiceName, MetricName, MetricUnit, 'histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality,
                ExplicitBounds) AS series
        FROM ${database}.otel_metrics_histogram
        WHERE MetricName IN {metrics:Array(String)} AND AggregationTemporality = 2
          AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) - 3600 AND TimeUnix <= {until:DateTime('UTC')}
        UNION ALL
        SELECT
            MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max,
            cityHash64(
                ServiceName, MetricName, MetricUnit, 'exponential_histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality)
        FROM ${database}.otel_metrics_exponential_histogram
        WHERE MetricName IN {metrics:Array(String)} AND AggregationTemporality = 2
          AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) - 3600 AND TimeUnix <= {until:DateTime('UTC')}
    )
    WINDOW w AS (PARTITION BY series ORDER BY TimeUnix, Sum ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE TimeUnix >= greatest({since:DateTime('UTC')}, worked_until);

-- (as above)
CREATE OR REPLACE VIEW ${database}.histogram_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations
FROM ${database}.otel_metrics_1h FINAL
PREWHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations
FROM ${database}.otel_metrics_minutes FINAL
PREWHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
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
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes, series, toDateTime(TimeUnix, 'UTC'), 1, Sum, Min, Max, Sum,
    multiIf(is_unknown, 0., goes_on, Sum - sum_before, Sum),
    multiIf(is_unknown, toUInt64(0), goes_on, toUInt64(Count - count_before), Count)
FROM (
    WITH
        toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(time_before) <= 3600000000000 AS has_before,
        has_before AND StartTimeUnix <= time_before AND Count >= count_before AND Sum >= sum_before AS goes_on,
        NOT has_before AND toUnixTimestamp64Nano(StartTimeUnix) < toUnixTimestamp64Nano(TimeUnix) - 3600000000000 AS is_unknown
    SELECT
        MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max, series,
        lagInFrame(TimeUnix) OVER w AS time_before,
        lagInFrame(Count) OVER w AS count_before,
        lagInFrame(Sum) OVER w AS sum_before,
        goes_on, is_unknown
    FROM (
        SELECT
            MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max,
            cityHash64(
                ServiceName, MetricName, MetricUnit, 'histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality,
                ExplicitBounds) AS series
        FROM ${database}.otel_metrics_histogram
        WHERE MetricName IN {metrics:Array(String)} AND AggregationTemporality = 2
          AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) - 3600 AND TimeUnix <= {until:DateTime('UTC')}
        UNION ALL
        SELECT
            MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max,
            cityHash64(
                ServiceName, MetricName, MetricUnit, 'exponential_histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality)
        FROM ${database}.otel_metrics_exponential_histogram
        WHERE MetricName IN {metrics:Array(String)} AND AggregationTemporality = 2
          AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) - 3600 AND TimeUnix <= {until:DateTime('UTC')}
    )
    WINDOW w AS (PARTITION BY series ORDER BY TimeUnix, Sum ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE TimeUnix >= greatest({since:DateTime('UTC')}, worked_until);
