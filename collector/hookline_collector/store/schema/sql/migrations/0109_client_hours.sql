-- What clients tell of their own times, an hour of a session to a row instead of a time to a row: whoever asks for sums or percentiles of years or of a
-- team reads a tenth of the rows, and values that lie side by side. The lists are in order of time; `seconds_in` is when in its hour each began, in whole
-- seconds. An hour that is worked out again replaces its rows.
CREATE TABLE IF NOT EXISTS ${database}.client_hours ${on_cluster} (
    what LowCardinality(String) CODEC(ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    version LowCardinality(String) CODEC(ZSTD(1)),
    name LowCardinality(String) CODEC(ZSTD(1)),
    times UInt32 CODEC(T64, ZSTD(1)),
    total_s Float64 CODEC(ZSTD(1)),
    most_hooks UInt32 CODEC(T64, ZSTD(1)),
    began Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    seconds_in Array(UInt16) CODEC(ZSTD(1)),
    seconds Array(Float64) CODEC(ZSTD(1)),
    first_token_s Array(Nullable(Float64)) CODEC(ZSTD(1)),
    call_ids Array(String) CODEC(ZSTD(1)),
    hooks Array(UInt32) CODEC(ZSTD(1)),
    row_version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(row_version)
PARTITION BY greatest(least(toYear(hour), 2040), 2020)
ORDER BY (what, hour, session_id, service, version, name)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1, index_granularity = 1024,
    merge_max_block_size = 1024;

-- What was worked out otherwise is worked out again, an hour at a time, from the spans and records that are there: no released version had any, so they are
-- no older than these. Moving it, years of a person, took more memory than the engine has out of the box.
INSERT INTO ${database}.db_rollup_hours (what, hour, points)
SELECT what, hour, 0
FROM ${database}.db_rollup_hours FINAL
WHERE what = 'client spans' AND hour IN (SELECT toStartOfHour(Timestamp, 'UTC') FROM ${database}.otel_traces)
   OR what = 'client records' AND hour IN (SELECT toStartOfHour(Timestamp, 'UTC') FROM ${database}.otel_logs);

-- As in 0090, of these rows.
CREATE OR REPLACE VIEW ${database}.client_timings_between ${on_cluster}
AS SELECT what, began AS time, session_id, service, version, name, call_ids AS call_id, seconds, first_token_s, hooks
FROM ${database}.client_hours FINAL
ARRAY JOIN began, call_ids, seconds, first_token_s, hooks
WHERE hour >= toStartOfHour({since:DateTime('UTC')}) AND began >= {since:DateTime('UTC')} AND began < {until:DateTime('UTC')}
  AND what != 'hook_execution_complete' AND hour < (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client spans')
UNION ALL
SELECT what, began AS time, session_id, service, version, name, call_ids AS call_id, seconds, first_token_s, hooks
FROM ${database}.client_hours FINAL
ARRAY JOIN began, call_ids, seconds, first_token_s, hooks
WHERE hour >= toStartOfHour({since:DateTime('UTC')}) AND began >= {since:DateTime('UTC')} AND began < {until:DateTime('UTC')}
  AND what = 'hook_execution_complete' AND hour < (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client records')
UNION ALL
SELECT what, time, session_id, service, version, name, call_id, seconds, first_token_s, hooks
FROM ${database}.client_timings_of_spans(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client spans')),
    until = {until:DateTime('UTC')})
UNION ALL
SELECT what, time, session_id, service, version, name, call_id, seconds, first_token_s, hooks
FROM ${database}.client_timings_of_logs(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client records')),
    until = {until:DateTime('UTC')});

-- Nothing reads them any more.
DROP VIEW IF EXISTS ${database}.client_runs_between ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.client_hooks_between ${on_cluster};

-- (as above)
DROP TABLE IF EXISTS ${database}.client_timings ${on_cluster} SYNC;
