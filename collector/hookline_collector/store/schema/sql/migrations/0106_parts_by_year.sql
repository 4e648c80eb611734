-- Stretches of activity a year to a part instead of a month, as half hours and runs: a reading of two years opened 25 parts, each with a file a column or
-- the marks of all of them. The rows move over as in 0096, and stay what they are; whatever a kill leaves, the next start begins anew with all rows in one
-- of both tables.
CREATE TABLE IF NOT EXISTS ${database}.worked_parts_moved ${on_cluster} AS ${database}.worked_parts;

-- (as above)
INSERT INTO ${database}.worked_parts_moved SELECT * FROM ${database}.worked_parts
SETTINGS max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;

-- (as above)
CREATE OR REPLACE TABLE ${database}.worked_parts ${on_cluster} (
    user LowCardinality(String),
    day Date,
    session_id String,
    prompt_id String,
    kind UInt8,
    reason UInt8,
    from_ns Int64,
    to_ns Int64,
    n UInt16,
    version UInt64,
    gone UInt8,
    hash UInt64,
    agents Int64,
    act_ns Int64,
    host LowCardinality(String),
    project LowCardinality(String),
    branch LowCardinality(String),
    revision String,
    source UInt8,
    agent LowCardinality(String),
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX of_time fromUnixTimestamp64Nano(from_ns, 'UTC') TYPE minmax GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYear(day), 2040), 2020)
ORDER BY (day, user, session_id, prompt_id, kind, reason, from_ns, to_ns, n)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- (as above)
INSERT INTO ${database}.worked_parts SELECT * FROM ${database}.worked_parts_moved
SETTINGS max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;

-- (as above)
DROP TABLE IF EXISTS ${database}.worked_parts_moved ${on_cluster} SYNC;
