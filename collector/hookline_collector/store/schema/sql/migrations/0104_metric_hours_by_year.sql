-- Hours of metrics a year to a part instead of a month: of two years a panel opened 25 parts, each of which has a file a column. What our own metrics are
-- told apart by has a column beside the map, which costs four files a part and most of a reading. The rows move over, and stay what they are. Whatever a
-- kill leaves, the next start begins anew with all rows in one of both tables.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_1h_moved ${on_cluster} AS ${database}.otel_metrics_1h;

-- (as above)
INSERT INTO ${database}.otel_metrics_1h_moved SELECT * FROM ${database}.otel_metrics_1h
SETTINGS max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;

-- (as above)
CREATE OR REPLACE TABLE ${database}.otel_metrics_1h ${on_cluster} (
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
    direction LowCardinality(String) MATERIALIZED Attributes['disk.io.direction'] CODEC(ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(Version)
PARTITION BY greatest(least(toYear(Bucket), 2040), 2020)
ORDER BY (MetricName, ServiceName, Series, Bucket)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- (as above)
INSERT INTO ${database}.otel_metrics_1h SELECT * FROM ${database}.otel_metrics_1h_moved
SETTINGS max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;

-- (as above)
DROP TABLE IF EXISTS ${database}.otel_metrics_1h_moved ${on_cluster} SYNC;

-- Minutes have the same columns; those that are stored read them of the map until they are merged.
ALTER TABLE ${database}.otel_metrics_1m ${on_cluster}
    ADD COLUMN IF NOT EXISTS session_id String MATERIALIZED Attributes['session.id'] CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS project LowCardinality(String) MATERIALIZED Attributes['hookline.project.name'] CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS signal LowCardinality(String) MATERIALIZED Attributes['hookline.signal'] CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS reason LowCardinality(String) MATERIALIZED Attributes['hookline.reason'] CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS direction LowCardinality(String) MATERIALIZED Attributes['disk.io.direction'] CODEC(ZSTD(1));

-- What `metric_values` says, of sums alone, as in 0095, with these columns.
CREATE OR REPLACE VIEW ${database}.sum_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT
    MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, Series AS series, Bucket AS time,
    Points AS points, Total AS total, Min AS least, Max AS most, Last AS last, Increase AS increase, Observations AS observations,
    session_id, project, signal, reason, direction
FROM ${database}.otel_metrics_1h FINAL
WHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, ServiceName, ResourceAttributes, Attributes, Series, Bucket, Points, Total, Min, Max, Last, Increase, Observations,
    session_id, project, signal, reason, direction
FROM ${database}.otel_metrics_1m FINAL
WHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
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

-- What metrics said last, of sums and gauges, by what our own are told apart by: nothing has to be added up for it.
CREATE OR REPLACE VIEW ${database}.last_values ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT MetricName AS metric, signal, reason, Bucket AS time, Last AS last
FROM ${database}.otel_metrics_1h FINAL
WHERE {step:UInt32} >= 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, signal, reason, Bucket, Last
FROM ${database}.otel_metrics_1m FINAL
WHERE {step:UInt32} < 3600 AND MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 60 AND Bucket <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, toLowCardinality(Attributes['hookline.signal']), toLowCardinality(Attributes['hookline.reason']), toDateTime(TimeUnix, 'UTC'), Value
FROM ${database}.otel_metrics_sum
WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')}
UNION ALL
SELECT MetricName, toLowCardinality(Attributes['hookline.signal']), toLowCardinality(Attributes['hookline.reason']), toDateTime(TimeUnix, 'UTC'), Value
FROM ${database}.otel_metrics_gauge
WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')};
