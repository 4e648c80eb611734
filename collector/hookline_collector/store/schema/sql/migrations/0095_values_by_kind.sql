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
${gauge_values_told};

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
${sum_values_told};

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
${histogram_deltas_told};

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
