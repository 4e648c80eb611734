-- What people and agents did in each half hour (at_ns) in which they did something, so that a year is a few thousand rows a person. grain says within
-- what side by side counts once: 0 all of a person's, 1 a project, 2 a branch, 3 a session, 4 a session within a project. A person at most counts
-- back 300 s.
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
ORDER BY (grain, user, day, at_ns, project, branch, session_id)
SETTINGS ${deduplication};

-- Runs of a person's work within a half hour with no gap of more than 30 s, of everything (of_project = 0) and of each project: what blocks are made of.
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
ORDER BY (of_project, user, day, project, from_ns)
SETTINGS ${deduplication};
