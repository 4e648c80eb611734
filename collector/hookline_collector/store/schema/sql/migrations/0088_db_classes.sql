-- How long sessions of a database did or waited for what, by the minute, whoever they were: a tenth of the rows of db_load_1m, from which a service
-- works it out, hour by hour. It is what lists of databases and curves by wait class read.
CREATE TABLE IF NOT EXISTS ${database}.db_classes_1m ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    wait_class LowCardinality(String) CODEC(ZSTD(1)),
    wait_event LowCardinality(String) CODEC(ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    samples Int64 CODEC(T64, ZSTD(1)),
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY greatest(least(toYYYYMM(minute), 204001), 202001)
ORDER BY (database, minute, wait_class, wait_event)
SETTINGS ${deduplication};

-- How long sessions were busy with which statement, by the hour: what long ranges read of statements.
CREATE TABLE IF NOT EXISTS ${database}.db_load_1h ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    statement_hash LowCardinality(String) CODEC(ZSTD(1)),
    wait_class LowCardinality(String) CODEC(ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    samples Int64 CODEC(T64, ZSTD(1)),
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY greatest(least(toYYYYMM(hour), 204001), 202001)
ORDER BY (database, hour, statement_hash, wait_class)
SETTINGS ${deduplication};

-- Samples by the minute and by what sessions did or waited for alone, worked out from the samples.
CREATE OR REPLACE VIEW ${database}.db_classes_of_samples ${on_cluster}
AS SELECT
    database,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    ${wait_class} AS class,
    wait_event,
    sum(seconds) AS total_s,
    sum(seen) AS samples
FROM ${database}.db_samples_state FINAL
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')}
GROUP BY database, minute, class, wait_event;

-- What sessions of databases did or waited for, by the minute, up to now: what was worked out, and the hours behind it from their samples.
CREATE OR REPLACE VIEW ${database}.db_classes ${on_cluster}
AS SELECT database, minute, wait_class, wait_event, seconds, samples
FROM ${database}.db_classes_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')}
  AND minute < (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'classes')
UNION ALL
SELECT database, minute, class, wait_event, total_s, samples
FROM ${database}.db_classes_of_samples(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'classes')),
    until = {until:DateTime('UTC')});

-- Which services count the requests that they answer?
CREATE OR REPLACE VIEW ${database}.counting_services ${on_cluster}
AS SELECT ServiceName AS service
FROM ${database}.otel_metrics_1h
WHERE MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
  AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
GROUP BY service
UNION DISTINCT
SELECT ServiceName
FROM ${database}.otel_metrics_histogram
WHERE MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
  AND TimeUnix >= greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours))
  AND TimeUnix <= {until:DateTime('UTC')}
GROUP BY ServiceName;
