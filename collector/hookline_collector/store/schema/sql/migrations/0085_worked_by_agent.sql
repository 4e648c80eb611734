-- Whose agent's work it was, in all that was worked out: a session is of one agent, and so is all that is done in it. Everything is worked out again.
ALTER TABLE ${database}.worked_parts ${on_cluster} ADD COLUMN IF NOT EXISTS agent LowCardinality(String);

-- (as above)
ALTER TABLE ${database}.worked_running ${on_cluster} ADD COLUMN IF NOT EXISTS agent LowCardinality(String);

-- What people and agents did in each half hour (at_ns) in which they did something. grain says within what side by side counts once: 0 all of a
-- person's, 1 a project, 2 a branch, 3 a session, 4 a session within a project. agent is whose work all of it is; where several agents worked in a row
-- of the grains 0 to 2, mixed is 1 and each agent has a row of its own beside it, in the grains 5 to 7. So who works with one agent has no row more.
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
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (grain, day, user, at_ns, project, branch, session_id, agent)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- Runs of a person's work within a half hour with no gap of more than 300 s, of everything (of_project = 0) and of each project: what blocks are made of.
-- agent is whose work all of the half hour is; where several agents worked in it, mixed is 1 and each agent has its own runs beside these (of_agent = 1).
DROP TABLE IF EXISTS ${database}.worked_spells ${on_cluster} SYNC;

-- (as above)
CREATE TABLE IF NOT EXISTS ${database}.worked_spells ${on_cluster} (
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
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (of_project, of_agent, day, user, project, agent, from_ns)
SETTINGS ${deduplication}, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- Who was active when, as `activity_parts_at` says it, of what was worked out, and whose agent: what runs is cut at `now`.
CREATE OR REPLACE VIEW ${database}.worked_parts_at ${on_cluster}
AS SELECT kind, reason, from_ns, to_ns, agents, user, host, project, branch, revision, session_id, prompt_id, source, act_ns, agent
FROM ${database}.worked_parts FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} AND ({user:String} = '' OR user = {user:String})
UNION ALL
SELECT
    kind, reason,
    greatest(from_ns, toUnixTimestamp64Nano(toDateTime64({since:Date}, 9, 'UTC'))) AS begun_ns,
    least(
        to_ns,
        toUnixTimestamp64Nano(toDateTime64({until:Date} + 1, 9, 'UTC')),
        multiIf(sure_end_ns > 0, least(sure_end_ns, {now:Int64}), {now:Int64} - heard_ns <= 3600000000000, {now:Int64}, toInt64(0))) AS ended_ns,
    toInt64(1), user, host, project, branch, revision, session_id, prompt_id, source, toInt64(0), agent
FROM ${database}.worked_running FINAL
WHERE ended_ns > begun_ns AND ({user:String} = '' OR user = {user:String});

-- One row a stretch of time in which a person worked, agents worked (agents says how many), or something waited for a person; cut at midnight UTC,
-- so days add up. What goes on is cut at this moment. agent is the session's.
CREATE OR REPLACE VIEW ${database}.activity_between ${on_cluster}
AS SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    transform(p.reason, [1, 2, 3, 4], ['turn', 'prompt', 'permission', 'answer'], '') AS reason,
    fromUnixTimestamp64Nano(from_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(to_ns, 'UTC') AS ended,
    agents, user, host, project, branch, revision, session_id, prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name,
    agent
FROM ${database}.worked_parts_at(since = {since:Date}, until = {until:Date}, user = '', now = toUnixTimestamp64Nano(now64(9))) AS p
WHERE p.kind < 4;

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.activity ${on_cluster}
AS SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    transform(p.reason, [1, 2, 3, 4], ['turn', 'prompt', 'permission', 'answer'], '') AS reason,
    fromUnixTimestamp64Nano(from_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(to_ns, 'UTC') AS ended,
    agents, user, host, project, branch, revision, session_id, prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name,
    agent
FROM ${database}.worked_parts_at(since = '1970-01-02', until = '2149-06-05', user = '', now = toUnixTimestamp64Nano(now64(9))) AS p
WHERE p.kind < 4;

-- The same of what was told: the stretches of `activity_parts_at`, and whose agent.
CREATE OR REPLACE VIEW ${database}.told_parts_at ${on_cluster}
AS SELECT p.*, s.agent AS agent
FROM ${database}.activity_parts_at(since = {since:Date}, until = {until:Date}, user = {user:String}, now = {now:Int64}) AS p
LEFT JOIN (SELECT session_id, max(told.agent) AS agent FROM ${database}.sessions_state AS told GROUP BY session_id) AS s ON s.session_id = p.session_id;

-- As in 0041: one row a stretch, whole.
CREATE OR REPLACE VIEW ${database}.told_activity ${on_cluster}
AS SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    transform(p.reason, [1, 2, 3, 4], ['turn', 'prompt', 'permission', 'answer'], '') AS reason,
    toTimeZone(fromUnixTimestamp64Nano(from_ns), 'UTC') AS started,
    toTimeZone(fromUnixTimestamp64Nano(to_ns), 'UTC') AS ended,
    agents, user, host, project, branch, revision, session_id, prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name,
    agent
FROM ${database}.told_parts_at(since = '1970-01-02', until = '2149-06-05', user = '', now = toUnixTimestamp64Nano(now64(9))) AS p
WHERE p.kind < 4;

-- As in 0043: one row a maximal run of a person's work, whichever agents they worked with.
CREATE OR REPLACE VIEW ${database}.work_blocks_at ${on_cluster}
AS WITH
    (
        SELECT mapFromArrays(groupArray(of_user), groupArray(live_ns))
        FROM (
            SELECT toString(user) AS of_user, min(from_ns - from_ns % 1800000000000) AS live_ns
            FROM ${database}.worked_running FINAL
            WHERE kind < 3
              AND least(to_ns, multiIf(
                  sure_end_ns > 0, least(sure_end_ns, {now:Int64}),
                  {now:Int64} - heard_ns <= 3600000000000, {now:Int64},
                  toInt64(0))) > from_ns
            GROUP BY of_user
        )
    ) AS live,
    {idle_s:UInt32} < 300 AS is_narrow
SELECT
    user,
    fromUnixTimestamp64Nano(min(from_ns), 'UTC') AS started,
    fromUnixTimestamp64Nano(max(to_ns), 'UTC') AS ended,
    (max(to_ns) - min(from_ns)) / 1e9 AS duration_s,
    sum(if(kind = 0, wall_ns, greatest(0, to_ns - greatest(from_ns, covered_to)))) / 1e9 AS wall_s,
    sum(multiIf(kind = 0, human_ns, kind = 2, greatest(0, to_ns - greatest(from_ns, human_covered_to)), 0)) / 1e9 AS human_s,
    sum(multiIf(kind = 0, agent_ns, kind = 1, (to_ns - from_ns) * agents, 0)) / 1e9 AS agent_s,
    groupUniqArrayArray(sessions) AS sessions,
    groupUniqArrayArray(projects) AS projects
FROM (
    SELECT
        *,
        sum(from_ns > covered_to + {idle_s:UInt32} * 1000000000) OVER (PARTITION BY user ORDER BY from_ns ROWS UNBOUNDED PRECEDING) AS block
    FROM (
        SELECT
            *,
            max(to_ns) OVER before AS covered_to,
            max(if(kind = 2, to_ns, 0)) OVER before AS human_covered_to
        FROM (
            SELECT toString(user) AS user, toUInt8(0) AS kind, toInt64(0) AS agents, from_ns, to_ns, wall_ns, human_ns, agent_ns, sessions,
                arrayMap(name -> toString(name), projects) AS projects
            FROM ${database}.worked_spells FINAL
            WHERE NOT is_narrow AND of_project = 0 AND of_agent = 0 AND day BETWEEN {since:Date} AND {until:Date}
              AND (live[toString(user)] = 0 OR from_ns < live[toString(user)])
            UNION ALL
            SELECT toString(user) AS user, kind, agents, from_ns, to_ns, toInt64(0), toInt64(0), toInt64(0), [session_id],
                if(project = '', [], [toString(project)])
            FROM (
                SELECT user, kind, agents, session_id, project, greatest(from_ns, if(is_narrow, 0, live[toString(user)])) AS from_ns, to_ns
                FROM ${database}.worked_parts FINAL
                WHERE kind < 3 AND day BETWEEN {since:Date} AND {until:Date}
                  AND (is_narrow OR (
                      day >= toDate(fromUnixTimestamp64Nano(arrayMin(mapValues(live)), 'UTC'))
                      AND live[toString(user)] > 0 AND to_ns > live[toString(user)]))
                UNION ALL
                SELECT user, kind, toInt64(1), session_id, project,
                    greatest(from_ns, toUnixTimestamp64Nano(toDateTime64({since:Date}, 9, 'UTC'))) AS begun_ns,
                    least(
                        to_ns,
                        toUnixTimestamp64Nano(toDateTime64({until:Date} + 1, 9, 'UTC')),
                        multiIf(
                            sure_end_ns > 0, least(sure_end_ns, {now:Int64}),
                            {now:Int64} - heard_ns <= 3600000000000, {now:Int64},
                            toInt64(0))) AS ended_ns
                FROM ${database}.worked_running FINAL
                WHERE kind < 3 AND ended_ns > begun_ns
            )
        )
        WINDOW before AS (PARTITION BY user ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
)
GROUP BY user, block;
