-- What was worked out of the state tables, as it is read: one row a thing, sorted by person and day. Written by the collector alone (its package
-- worked_out says when); a row that came otherwise is replaced by its key. `hash` is of the row, so that what stayed as it was is not written again.
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
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (user, day, session_id, call_id)
SETTINGS ${deduplication};

-- A row a prompt.
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
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (user, day, session_id, prompt_id)
SETTINGS ${deduplication};

-- A row an API request that counts. of_user, of_project and of_branch are those of its prompt where it has none itself.
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
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (of_user, day, session_id, request_key)
SETTINGS ${deduplication};

-- A row a stretch within a UTC day: kind is 1 agent, 2 human, 3 waiting, 4 human at most; reason 1 turn, 2 prompt, 3 permission, 4 answer. A stretch
-- that goes on until whoever asks (goes_on = 1) ends at sure_end_ns or now, and is none where nothing was heard since heard_ns for an hour.
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
    INDEX of_session session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (user, day, session_id, prompt_id, kind, reason, from_ns, to_ns, n)
SETTINGS ${deduplication};

-- The stretches that go on until now, of the few sessions that run.
CREATE TABLE IF NOT EXISTS ${database}.worked_running ${on_cluster} (
    session_id String,
    prompt_id String,
    from_ns Int64,
    version UInt64,
    gone UInt8,
    hash UInt64,
    user LowCardinality(String),
    day Date,
    kind UInt8,
    reason UInt8,
    to_ns Int64,
    heard_ns Int64,
    sure_end_ns Int64,
    host LowCardinality(String),
    project LowCardinality(String),
    branch LowCardinality(String),
    revision String,
    source UInt8
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
ORDER BY (session_id, prompt_id, from_ns)
SETTINGS ${deduplication};

-- A row a session, and what it was worked out of: the sum of the marks of its facts (made_of), the rules' version and the list of prices (0: none was
-- asked). first_day to last_day hold all its rows.
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
    requests_without_cost UInt64
)
ENGINE = ${replicated}ReplacingMergeTree(version, gone)
ORDER BY session_id
SETTINGS ${deduplication};
