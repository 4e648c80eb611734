-- What calls, prompts and requests of whole UTC days that are over add up to, so that a report of months reads days and not millions of rows. grain says of
-- what a row is: 1 calls, 4 prompts, 6 spend by who, where and with what; 2, 5, 7 the same by half hours; 3 how long tools ran. Of up to 512 runs of a
-- tool on a day each time is kept, of more their times to half a percent. A row that is no more is written once more with gone = 1.
CREATE TABLE IF NOT EXISTS ${database}.worked_days ${on_cluster} (
    grain UInt8,
    day Date,
    at_ns Int64,
    agent LowCardinality(String),
    user LowCardinality(String),
    project LowCardinality(String),
    branch LowCardinality(String),
    model LowCardinality(String),
    tool LowCardinality(String),
    tool_kind LowCardinality(String),
    version UInt64,
    gone UInt8,
    mcp_server LowCardinality(String),
    tool_calls UInt64,
    failures UInt64,
    denials UInt64,
    interruptions UInt64,
    run_s Float64,
    wait_s Float64,
    derived_tool_calls UInt64,
    inferred_tool_calls UInt64,
    run_values Array(Float64),
    run_weights Array(UInt64),
    prompts UInt64,
    failed_prompts UInt64,
    interrupted_prompts UInt64,
    derived_prompts UInt64,
    inferred_prompts UInt64,
    open_prompts UInt64,
    sessions Array(UInt64),
    requests UInt64,
    input_tokens Int64,
    output_tokens Int64,
    cache_read_tokens Int64,
    cache_creation_tokens Int64,
    cost_usd Nullable(Float64),
    requests_without_cost UInt64
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYear(day), 2040), 2020)
ORDER BY (grain, day, at_ns, agent, user, project, branch, model, tool, tool_kind)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- Up to which day days were added up (the last), and which of them are open since: a row of theirs was written, or will be in a moment.
CREATE TABLE IF NOT EXISTS ${database}.worked_days_known ${on_cluster} (
    day Date,
    version UInt64,
    is_open UInt8
)
ENGINE = ${replicated}ReplacingMergeTree(version)
ORDER BY day
SETTINGS ${deduplication};
