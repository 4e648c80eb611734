-- What was worked out, sorted by day first, as what comes next is of a day that is not over: FINAL merges nothing but the rows of the last days, and
-- whoever asks for some days reads those. `of_time` lets a condition on a view's moment (0043) leave out what lies elsewhere. The tables are made anew, so
-- everything is worked out again. A month to which nothing came for a day is merged into one part, which FINAL reads as it is.
DROP TABLE IF EXISTS ${database}.worked_calls ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_calls ${on_cluster} (
    user LowCardinality(String),
    day Date,
    session_id String,
    call_id String,
    version UInt64,
    gone UInt8,
    hash UInt64,
    tool LowCardinality(String),
    prompt_id String,
    agent LowCardinality(String),
    host LowCardinality(String),
    project LowCardinality(String),
    branch LowCardinality(String),
    revision String,
    agent_id String,
    mcp_server LowCardinality(String),
    file_extension LowCardinality(String),
    background UInt8,
    requested_ns Int64,
    started_ns Int64,
    ended_ns Int64,
    run_s Float64,
    wait_s Float64,
    native_run_s Float64,
    outcome LowCardinality(String),
    error_type LowCardinality(String),
    closed_by LowCardinality(String),
    input_bytes Int64,
    output_bytes Int64,
    decision LowCardinality(String),
    decision_source LowCardinality(String),
    evidence LowCardinality(String),
    evidence_source LowCardinality(String),
    from_hook UInt8,
    from_native UInt8,
    from_transcript UInt8,
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX of_time fromUnixTimestamp64Nano(started_ns, 'UTC') TYPE minmax GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, user, session_id, call_id)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- A row a prompt.
DROP TABLE IF EXISTS ${database}.worked_turns ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_turns ${on_cluster} (
    user LowCardinality(String),
    day Date,
    session_id String,
    prompt_id String,
    version UInt64,
    gone UInt8,
    hash UInt64,
    agent LowCardinality(String),
    host LowCardinality(String),
    project LowCardinality(String),
    branch LowCardinality(String),
    revision String,
    model LowCardinality(String),
    started_ns Int64,
    ended_ns Int64,
    is_open UInt8,
    outcome LowCardinality(String),
    closed_by LowCardinality(String),
    error_type LowCardinality(String),
    prompt_length Int64,
    source_name LowCardinality(String),
    from_hook UInt8,
    from_native UInt8,
    from_transcript UInt8,
    evidence LowCardinality(String),
    evidence_source LowCardinality(String),
    prompt_source LowCardinality(String),
    is_script UInt8,
    absorbed_prompts UInt32,
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX of_time fromUnixTimestamp64Nano(started_ns, 'UTC') TYPE minmax GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, user, session_id, prompt_id)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- A row an API request that counts. of_user, of_project and of_branch are those of its prompt where it has none itself.
DROP TABLE IF EXISTS ${database}.worked_requests ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_requests ${on_cluster} (
    user LowCardinality(String),
    day Date,
    session_id String,
    request_key String,
    version UInt64,
    gone UInt8,
    hash UInt64,
    prompt_id String,
    time_ns Int64,
    model LowCardinality(String),
    agent LowCardinality(String),
    account LowCardinality(String),
    host LowCardinality(String),
    project LowCardinality(String),
    branch LowCardinality(String),
    agent_id String,
    is_subagent UInt8,
    input_tokens Int64,
    output_tokens Int64,
    cache_read_tokens Int64,
    cache_creation_tokens Int64,
    total_tokens Int64 ALIAS input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens,
    cost_usd Nullable(Float64),
    cost_source LowCardinality(String),
    duration_s Float64,
    source_name LowCardinality(String),
    of_user LowCardinality(String),
    of_project LowCardinality(String),
    of_branch LowCardinality(String),
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX of_time fromUnixTimestamp64Nano(time_ns, 'UTC') TYPE minmax GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, of_user, session_id, request_key)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- A row a stretch within a UTC day: kind is 1 agent, 2 human, 3 waiting, 4 human at most; reason 1 turn, 2 prompt, 3 permission, 4 answer.
DROP TABLE IF EXISTS ${database}.worked_parts ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_parts ${on_cluster} (
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
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX of_time fromUnixTimestamp64Nano(from_ns, 'UTC') TYPE minmax GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, user, session_id, prompt_id, kind, reason, from_ns, to_ns, n)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- What people and agents did in each half hour (at_ns) in which they did something. grain says within what side by side counts once: 0 all of a
-- person's, 1 a project, 2 a branch, 3 a session, 4 a session within a project. A person at most counts back 300 s.
DROP TABLE IF EXISTS ${database}.worked_clocks ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_clocks ${on_cluster} (
    grain UInt8,
    user LowCardinality(String),
    day Date,
    at_ns Int64,
    project LowCardinality(String),
    branch LowCardinality(String),
    session_id String,
    version UInt64,
    gone UInt8,
    hash UInt64,
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
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (grain, day, user, at_ns, project, branch, session_id)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- Runs of a person's work within a half hour with no gap of more than 300 s, of everything (of_project = 0) and of each project: what blocks are made of.
DROP TABLE IF EXISTS ${database}.worked_spells ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_spells ${on_cluster} (
    of_project UInt8,
    user LowCardinality(String),
    day Date,
    project LowCardinality(String),
    from_ns Int64,
    version UInt64,
    gone UInt8,
    hash UInt64,
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
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (of_project, day, user, project, from_ns)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- A row a session, as in 0031. Its first day may change when earlier facts come: the row of the day before is taken away then.
DROP TABLE IF EXISTS ${database}.worked_sessions ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_sessions ${on_cluster} (
    session_id String,
    version UInt64,
    gone UInt8,
    hash UInt64,
    made_of UInt64,
    rules UInt32,
    priced_by Int64,
    first_day Date,
    last_day Date,
    agent LowCardinality(String),
    user LowCardinality(String),
    host LowCardinality(String),
    project LowCardinality(String),
    branch LowCardinality(String),
    model LowCardinality(String),
    started_ns Int64,
    last_ns Int64,
    ended_ns Nullable(Int64),
    ended_how LowCardinality(String),
    end_reason LowCardinality(String),
    start_source LowCardinality(String),
    previous_id String,
    prompts UInt64,
    calls UInt64,
    failures UInt64,
    sources Array(LowCardinality(String)),
    evidence LowCardinality(String),
    is_script UInt8,
    requests UInt64,
    input_tokens Int64,
    output_tokens Int64,
    cache_read_tokens Int64,
    cache_creation_tokens Int64,
    total_tokens Int64,
    cost_usd Nullable(Float64),
    requests_without_cost UInt64,
    INDEX of_time fromUnixTimestamp64Nano(last_ns, 'UTC') TYPE minmax GRANULARITY 1,
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
ORDER BY (first_day, session_id)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;
