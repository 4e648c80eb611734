-- Minutes of metrics by metric and day instead of by metric and series: series live as long as their session, so whoever asked for a day read every day of
-- its month. The key ends in a number: were `Bucket` itself in it, a condition on that would not be one on the day. What sessions, projects and machines are
-- told apart by has a column beside the map.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_minutes ${on_cluster} (
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Kind LowCardinality(String) CODEC(ZSTD(1)),
    Series UInt64,
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    Points UInt64 CODEC(ZSTD(1)),
    Total Float64 CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    Last Float64 CODEC(ZSTD(1)),
    Increase Float64 CODEC(ZSTD(1)),
    Observations UInt64 CODEC(ZSTD(1)),
    BucketCounts Array(UInt64) CODEC(ZSTD(1)),
    ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
    Version DateTime64(3) DEFAULT now64(3),
    session_id String MATERIALIZED Attributes['session.id'] CODEC(ZSTD(1)),
    project LowCardinality(String) MATERIALIZED Attributes['hookline.project.name'] CODEC(ZSTD(1)),
    signal LowCardinality(String) MATERIALIZED Attributes['hookline.signal'] CODEC(ZSTD(1)),
    reason LowCardinality(String) MATERIALIZED Attributes['hookline.reason'] CODEC(ZSTD(1)),
    direction LowCardinality(String) MATERIALIZED Attributes['disk.io.direction'] CODEC(ZSTD(1)),
    host LowCardinality(String) MATERIALIZED ResourceAttributes['host.name'] CODEC(ZSTD(1)),
    state LowCardinality(String) MATERIALIZED Attributes['system.memory.state'] CODEC(ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(Version)
PARTITION BY greatest(least(toYYYYMM(Bucket), 204001), 202001)
ORDER BY (MetricName, toDate(Bucket), ServiceName, Series, toUnixTimestamp(Bucket))
SETTINGS ${deduplication};

-- Hours have the columns of machines too. The engine writes those of stored rows by itself, meanwhile or after the next start.
ALTER TABLE ${database}.otel_metrics_1h ${on_cluster}
    ADD COLUMN IF NOT EXISTS host LowCardinality(String) MATERIALIZED ResourceAttributes['host.name'] CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS state LowCardinality(String) MATERIALIZED Attributes['system.memory.state'] CODEC(ZSTD(1));

-- (as above)
ALTER TABLE ${database}.otel_metrics_1h ${on_cluster} MATERIALIZE COLUMN host, MATERIALIZE COLUMN state SETTINGS mutations_sync = 0;

-- Minutes that were stored otherwise are worked out again, an hour at a time, from the points that are there: no released version had any, so they are no
-- older than these. Copying them, a month of a team, took more memory than the engine has out of the box.
INSERT INTO ${database}.metric_rollup_hours (hour, points)
SELECT hour, 0
FROM ${database}.metric_rollup_hours FINAL
WHERE hour IN (
    SELECT toStartOfHour(TimeUnix, 'UTC') FROM ${database}.otel_metrics_gauge
    UNION ALL SELECT toStartOfHour(TimeUnix, 'UTC') FROM ${database}.otel_metrics_sum
    UNION ALL SELECT toStartOfHour(TimeUnix, 'UTC') FROM ${database}.otel_metrics_histogram);

-- As in 0027, of these minutes.
CREATE OR REPLACE VIEW ${database}.metric_curves ${on_cluster}
AS WITH
    toUnixTimestamp({until:DateTime('UTC')}) - toUnixTimestamp({since:DateTime('UTC')}) AS range_s,
    intDiv(greatest(range_s, 1) + {points:UInt32} - 1, greatest({points:UInt32}, 1)) AS fair_s,
    toUInt32(multiIf(fair_s > 60, intDiv(fair_s + 3599, 3600) * 3600, 60)) AS by_hours_s,
    toUInt32(if(fair_s > 1800, by_hours_s, greatest(60, intDiv(fair_s + 59, 60) * 60))) AS step_s
SELECT
    any(ServiceName) AS service, any(MetricName) AS metric, any(MetricUnit) AS unit, any(Kind) AS kind, Series AS series,
    any(ResourceAttributes) AS resource, any(Attributes) AS attributes,
    toDateTime(intDiv(toUnixTimestamp(r.Bucket), step_s) * step_s, 'UTC') AS time,
    sum(r.Points) AS points,
    sum(r.Total) / sum(r.Points) AS mean,
    min(r.Min) AS least,
    max(r.Max) AS most,
    argMax(r.Last, r.Bucket) AS last,
    sum(r.Increase) AS increase,
    sum(r.Observations) AS observations,
    sumForEach(r.BucketCounts) AS bucket_counts,
    any(r.ExplicitBounds) AS bounds
FROM (
    SELECT * EXCEPT Version FROM ${database}.otel_metrics_1h FINAL
    WHERE step_s >= 3600 AND MetricName = {metric:String} AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
    UNION ALL
    SELECT * EXCEPT Version FROM ${database}.otel_metrics_minutes FINAL
    WHERE step_s < 3600 AND MetricName = {metric:String} AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
    UNION ALL
    SELECT * FROM ${database}.metric_buckets(
        since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours)),
        until = {until:DateTime('UTC')}, seconds = 60, metric = {metric:String})
) AS r
GROUP BY Series, time;

-- As in 0053. Where a name stands and when a row is are of its key, so versions of a row share them: such a condition may come before FINAL, and is planned
-- in less time there.
CREATE OR REPLACE VIEW ${database}.metric_values ${on_cluster}
AS ${metric_values_rolled}
UNION ALL
${gauge_values_told}
UNION ALL
${sum_values_told}
UNION ALL
${histogram_deltas_told};

-- As in 0095, with the machine and the state of its memory.
CREATE OR REPLACE VIEW ${database}.gauge_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations, host, state
FROM ${database}.otel_metrics_1h FINAL
PREWHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations, host, state
FROM ${database}.otel_metrics_minutes FINAL
PREWHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes,
    cityHash64(ServiceName, MetricName, MetricUnit, 'gauge', ScopeName, ResourceAttributes, Attributes),
    toDateTime(TimeUnix, 'UTC'), 1, Value, Value, Value, Value, 0, 0,
    toLowCardinality(ResourceAttributes['host.name']),
    toLowCardinality(Attributes['system.memory.state'])
FROM ${database}.otel_metrics_gauge
WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')};

-- As in 0095.
CREATE OR REPLACE VIEW ${database}.histogram_values ${on_cluster}
AS ${metric_values_rolled}
UNION ALL
${histogram_deltas_told};

-- As in 0104.
CREATE OR REPLACE VIEW ${database}.sum_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations,
    session_id, project, signal, reason, direction
FROM ${database}.otel_metrics_1h FINAL
PREWHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations,
    session_id, project, signal, reason, direction
FROM ${database}.otel_metrics_minutes FINAL
PREWHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes, series, toDateTime(TimeUnix, 'UTC'), 1, Value, Value, Value, Value,
    multiIf(
        temporality = 0 OR is_unknown, 0.,
        temporality = 2 AND has_before AND StartTimeUnix <= time_before AND (rises = 0 OR Value >= value_before), Value - value_before,
        Value),
    0,
    Attributes['session.id'],
    toLowCardinality(Attributes['hookline.project.name']),
    toLowCardinality(Attributes['hookline.signal']),
    toLowCardinality(Attributes['hookline.reason']),
    toLowCardinality(Attributes['disk.io.direction'])
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

-- As in 0104.
CREATE OR REPLACE VIEW ${database}.last_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT MetricName AS metric, signal, reason, Bucket AS time, Last AS last
FROM ${database}.otel_metrics_1h FINAL
PREWHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, signal, reason, Bucket, Last
FROM ${database}.otel_metrics_minutes FINAL
PREWHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, toLowCardinality(Attributes['hookline.signal']), toLowCardinality(Attributes['hookline.reason']), toDateTime(TimeUnix, 'UTC'), Value
FROM ${database}.otel_metrics_sum
WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, toLowCardinality(Attributes['hookline.signal']), toLowCardinality(Attributes['hookline.reason']), toDateTime(TimeUnix, 'UTC'), Value
FROM ${database}.otel_metrics_gauge
WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')};

-- Nothing reads them any more.
DROP TABLE IF EXISTS ${database}.otel_metrics_1m ${on_cluster} SYNC;
