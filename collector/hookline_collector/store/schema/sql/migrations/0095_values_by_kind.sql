-- What `metric_values` says, of gauges alone: three things to plan instead of six. Who knows the kind of a metric asks here.
CREATE OR REPLACE VIEW ${database}.gauge_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations
FROM ${database}.otel_metrics_1h FINAL
WHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations
FROM ${database}.otel_metrics_1m FINAL
WHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes,
    cityHash64(ServiceName, MetricName, MetricUnit, 'gauge', ScopeName, ResourceAttributes, Attributes),
    toDateTime(TimeUnix, 'UTC'), 1, Value, Value, Value, Value, 0, 0
FROM ${database}.otel_metrics_gauge
WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')};

-- The same of sums alone.
CREATE OR REPLACE VIEW ${database}.sum_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations
FROM ${database}.otel_metrics_1h FINAL
WHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations
FROM ${database}.otel_metrics_1m FINAL
WHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
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
WHERE TimeUnix >= greatest({since:DateTime('UTC')}, worked_until);

-- The same of histograms alone, of both kinds.
CREATE OR REPLACE VIEW ${database}.histogram_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations
FROM ${database}.otel_metrics_1h FINAL
WHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations
FROM ${database}.otel_metrics_1m FINAL
WHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
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
  AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')};

-- What `client_timings_between` says of requests and tools.
CREATE OR REPLACE VIEW ${database}.client_runs_between ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client spans') AS worked_until
SELECT what, time, session_id, service, version, name, call_id, seconds, first_token_s
FROM ${database}.client_timings FINAL
WHERE time >= {since:DateTime('UTC')} AND time < least({until:DateTime('UTC')}, worked_until) AND what != 'hook_execution_complete'
UNION ALL
SELECT what, time, session_id, service, version, name, call_id, seconds, first_token_s
FROM ${database}.client_timings_of_spans(since = greatest({since:DateTime('UTC')}, worked_until), until = {until:DateTime('UTC')});

-- What `client_timings_between` says of installed hooks.
CREATE OR REPLACE VIEW ${database}.client_hooks_between ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client records') AS worked_until
SELECT time, session_id, service, name, seconds, hooks
FROM ${database}.client_timings FINAL
WHERE time >= {since:DateTime('UTC')} AND time < least({until:DateTime('UTC')}, worked_until) AND what = 'hook_execution_complete'
UNION ALL
SELECT time, session_id, service, name, seconds, hooks
FROM ${database}.client_timings_of_logs(since = greatest({since:DateTime('UTC')}, worked_until), until = {until:DateTime('UTC')});
