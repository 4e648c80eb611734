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

-- What a start that was killed at the end of this has taken away already; nothing is in it then.
CREATE TABLE IF NOT EXISTS ${database}.client_timings ${on_cluster} (
    what String, time DateTime64(9, 'UTC'), session_id String, service String, version String, name String, call_id String, seconds Float64,
    first_token_s Nullable(Float64), hooks UInt32)
ENGINE = Null;

-- The rows that are there move over, hour by hour in the order in which they lie, so that memory holds an hour of them and not all.
INSERT INTO ${database}.client_hours
    (what, hour, session_id, service, version, name, times, total_s, most_hooks, began, seconds_in, seconds, first_token_s, call_ids, hooks)
SELECT
    what, of_hour, session_id, service, version, name, length(told), arraySum(told.2), arrayMax(told.5),
    told.1, arrayMap(at -> toUInt16(toUnixTimestamp(at) % 3600), told.1), told.2, told.3, told.4, told.5
FROM (
    SELECT
        what, toStartOfHour(time) AS of_hour, session_id, service, version, name,
        arraySort(groupUniqArray((time, seconds, first_token_s, call_id, hooks))) AS told
    FROM ${database}.client_timings
    GROUP BY what, of_hour, session_id, service, version, name
)
SETTINGS optimize_aggregation_in_order = 1, max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 256,
    aggregation_in_order_max_block_bytes = 1048576, min_insert_block_size_rows = 8192, min_insert_block_size_bytes = 4194304,
    max_read_buffer_size = 65536, max_compress_block_size = 65536;

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
