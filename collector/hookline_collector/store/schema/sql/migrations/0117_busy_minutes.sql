-- How long sessions of a database were busy with which statement, by the minute and in the order of statements: whoever asks for the few busiest of a day
-- read every minute of db_load_1m for them, whose order is that of time. A service works it out of that, hour by hour, also of hours that lie before this.
CREATE TABLE IF NOT EXISTS ${database}.db_busy_1m ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    statement_hash LowCardinality(String) CODEC(ZSTD(1)),
    statement LowCardinality(String) CODEC(ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY greatest(least(toYYYYMM(minute), 204001), 202001)
ORDER BY (statement_hash, minute, database)
SETTINGS ${deduplication};

-- Samples of sessions that were at work, one by one: who adds them up knows by what.
CREATE OR REPLACE VIEW ${database}.db_busy_samples ${on_cluster}
AS SELECT database, time, statement_hash, statement, seconds, ${wait_class} AS class
FROM ${database}.db_samples_state FINAL
PREWHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')}
WHERE class NOT IN ('idle_in_transaction', 'sleep');

-- As in 0088, but what a wait is called is found of what was seen alike in a minute, not of each sample.
CREATE OR REPLACE VIEW ${database}.db_classes_of_samples ${on_cluster}
AS SELECT database, minute, ${wait_class} AS class, wait_event, sum(seconds) AS total_s, sum(seen) AS samples
FROM (
    SELECT
        database, toStartOfMinute(toDateTime(time, 'UTC')) AS minute, wait_class, wait_type, wait_event, state, sum(seconds) AS seconds, sum(seen) AS seen
    FROM ${database}.db_samples_state FINAL
    PREWHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')}
    GROUP BY database, minute, wait_class, wait_type, wait_event, state
)
GROUP BY database, minute, class, wait_event;

-- As in 0088, with services that count in exponential buckets.
CREATE OR REPLACE VIEW ${database}.counting_services ${on_cluster}
AS WITH (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours) AS worked_until
SELECT ServiceName AS service
FROM ${database}.otel_metrics_1h
WHERE MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
  AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
GROUP BY service
UNION DISTINCT
SELECT ServiceName
FROM ${database}.otel_metrics_histogram
WHERE MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
  AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')}
GROUP BY ServiceName
UNION DISTINCT
SELECT ServiceName
FROM ${database}.otel_metrics_exponential_histogram
WHERE MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
  AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) AND TimeUnix <= {until:DateTime('UTC')}
GROUP BY ServiceName;
