-- Half hours and runs a year to a part instead of a month: they are few, so that a reading of years costs what opening their parts costs, each of which has
-- a file a column. The rows move over, and stay what they are. Whatever a kill leaves, the next start begins anew with all rows in one of both tables.
CREATE TABLE IF NOT EXISTS ${database}.worked_clocks_moved ${on_cluster} AS ${database}.worked_clocks;

-- (as above)
INSERT INTO ${database}.worked_clocks_moved SELECT * FROM ${database}.worked_clocks
SETTINGS max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;

-- (as above)
CREATE OR REPLACE TABLE ${database}.worked_clocks ${on_cluster} (
    grain UInt8,
    user LowCardinality(String),
    day Date,
    at_ns Int64,
    project LowCardinality(String),
    branch LowCardinality(String),
    session_id String,
    agent LowCardinality(String),
    version UInt64,
    gone UInt8,
    hash UInt64,
    mixed UInt8,
    human_ns Int64,
    human_at_most_ns Int64,
    agent_ns Int64,
    agent_once_ns Int64,
    wall_ns Int64,
    permission_wait_ns Int64,
    answer_wait_ns Int64,
    prompt_wait_ns Int64
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYear(day), 2040), 2020)
ORDER BY (grain, day, user, at_ns, project, branch, session_id, agent)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- (as above)
INSERT INTO ${database}.worked_clocks SELECT * FROM ${database}.worked_clocks_moved
SETTINGS max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;

-- (as above)
DROP TABLE IF EXISTS ${database}.worked_clocks_moved ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_spells_moved ${on_cluster} AS ${database}.worked_spells;

-- (as above)
INSERT INTO ${database}.worked_spells_moved SELECT * FROM ${database}.worked_spells
SETTINGS max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;

-- (as above)
CREATE OR REPLACE TABLE ${database}.worked_spells ${on_cluster} (
    of_project UInt8,
    of_agent UInt8,
    user LowCardinality(String),
    day Date,
    project LowCardinality(String),
    agent LowCardinality(String),
    from_ns Int64,
    version UInt64,
    gone UInt8,
    hash UInt64,
    mixed UInt8,
    at_ns Int64,
    to_ns Int64,
    human_ns Int64,
    agent_ns Int64,
    agent_once_ns Int64,
    wall_ns Int64,
    projects Array(LowCardinality(String)),
    branches Array(LowCardinality(String)),
    sessions Array(String),
    prompts Array(String),
    commits Array(String)
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYear(day), 2040), 2020)
ORDER BY (of_project, of_agent, day, user, project, agent, from_ns)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- (as above)
INSERT INTO ${database}.worked_spells SELECT * FROM ${database}.worked_spells_moved
SETTINGS max_partitions_per_insert_block = 0, max_threads = 1, max_insert_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 65536, min_insert_block_size_bytes = 16777216;

-- (as above)
DROP TABLE IF EXISTS ${database}.worked_spells_moved ${on_cluster} SYNC;
