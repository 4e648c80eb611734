-- Calls whose commands' processor time is known, a year to a part and with the columns that are shown of them: the heaviest of two years are found in few
-- parts, and those of a team's month among a fifth of its calls. The rows are those of worked_calls, by key and version.
CREATE TABLE IF NOT EXISTS ${database}.worked_commands ${on_cluster} (
    user LowCardinality(String),
    day Date,
    session_id String,
    call_id String,
    version UInt64,
    gone UInt8,
    agent LowCardinality(String),
    project LowCardinality(String),
    tool LowCardinality(String),
    tool_kind LowCardinality(String),
    requested_ns Int64,
    started_ns Int64,
    ended_ns Int64,
    run_s Float64,
    process_cpu_s Nullable(Float64),
    process_cpu_shared UInt8
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYear(day), 2040), 2020)
ORDER BY (day, user, session_id, call_id)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- What is written of calls is written here too. A row that is taken away has no time, and takes away what stands here.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.worked_commands_mv ${on_cluster}
TO ${database}.worked_commands
AS SELECT
    user, day, session_id, call_id, version, gone, agent, project, tool, tool_kind, requested_ns, started_ns, ended_ns, run_s, process_cpu_s,
    process_cpu_shared
FROM ${database}.worked_calls
WHERE process_cpu_s IS NOT NULL OR gone = 1;

-- What was worked out before.
INSERT INTO ${database}.worked_commands
SELECT
    user, day, session_id, call_id, version, gone, agent, project, tool, tool_kind, requested_ns, started_ns, ended_ns, run_s, process_cpu_s,
    process_cpu_shared
FROM ${database}.worked_calls FINAL
WHERE process_cpu_s IS NOT NULL
SETTINGS do_not_merge_across_partitions_select_final = 1, max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;
