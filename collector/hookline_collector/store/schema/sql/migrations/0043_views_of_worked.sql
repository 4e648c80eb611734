-- The views that people, dashboards and rules read: what was worked out, under the names and with the columns that they always had. Whoever asks through the
-- collector sees all that is stored, as that is worked out first; whoever asks the server itself sees what was worked out when somebody asked, or in the
-- last minute. A condition on a moment reads what lies there and little more (`of_time`), one on a session or a person alike.
--
-- One row a call that began on the UTC days from `since` to `until`; its figures as docs/work-time.md says.
CREATE OR REPLACE VIEW ${database}.tool_calls_between ${on_cluster}
AS SELECT
    session_id, call_id, tool, prompt_id, agent, user, host, project, branch, agent_id, mcp_server, file_extension, background,
    fromUnixTimestamp64Nano(requested_ns, 'UTC') AS requested,
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(ended_ns, 'UTC') AS ended,
    run_s, wait_s, outcome, error_type, closed_by, input_bytes, output_bytes, decision, decision_source, native_run_s, from_hook, from_native,
    from_transcript, evidence, evidence_source, revision
FROM ${database}.worked_calls FINAL
WHERE day BETWEEN {since:Date} AND {until:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.tool_calls ${on_cluster}
AS SELECT
    session_id, call_id, tool, prompt_id, agent, user, host, project, branch, agent_id, mcp_server, file_extension, background,
    fromUnixTimestamp64Nano(requested_ns, 'UTC') AS requested,
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(ended_ns, 'UTC') AS ended,
    run_s, wait_s, outcome, error_type, closed_by, input_bytes, output_bytes, decision, decision_source, native_run_s, from_hook, from_native,
    from_transcript, evidence, evidence_source, revision
FROM ${database}.worked_calls FINAL;

-- One row a prompt that was submitted on the UTC days from `since` to `until`: from its submission to the end of its turn. is_open while no end is
-- known: ended is then the last sign of life. absorbed_prompts is how many more prompts a person typed ahead that this turn took in.
CREATE OR REPLACE VIEW ${database}.turns_between ${on_cluster}
AS SELECT
    session_id, prompt_id, agent, user, host, project, branch, revision, model,
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(ended_ns, 'UTC') AS ended,
    is_open, outcome, closed_by, error_type, prompt_length, source_name, from_hook, from_native, from_transcript, evidence, evidence_source,
    prompt_source, is_script, absorbed_prompts
FROM ${database}.worked_turns FINAL
WHERE day BETWEEN {since:Date} AND {until:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.turns ${on_cluster}
AS SELECT
    session_id, prompt_id, agent, user, host, project, branch, revision, model,
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(ended_ns, 'UTC') AS ended,
    is_open, outcome, closed_by, error_type, prompt_length, source_name, from_hook, from_native, from_transcript, evidence, evidence_source,
    prompt_source, is_script, absorbed_prompts
FROM ${database}.worked_turns FINAL;

-- One row an API request of the UTC days from `since` to `until`: its tokens, and its cost as the client gave it, else from the price table, else unknown
-- (NULL). input_tokens are those that came from no cache. of_user, of_project and of_branch are those of its prompt where it has none itself.
CREATE OR REPLACE VIEW ${database}.usage_between ${on_cluster}
AS SELECT
    request_key, session_id, prompt_id,
    fromUnixTimestamp64Nano(time_ns, 'UTC') AS time,
    model, agent, user, account, host, project, branch, agent_id, is_subagent, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens,
    input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens AS total_tokens,
    cost_usd, cost_source, duration_s, source_name, of_user, of_project, of_branch
FROM ${database}.worked_requests FINAL
WHERE day BETWEEN {since:Date} AND {until:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.usage ${on_cluster}
AS SELECT
    request_key, session_id, prompt_id,
    fromUnixTimestamp64Nano(time_ns, 'UTC') AS time,
    model, agent, user, account, host, project, branch, agent_id, is_subagent, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens,
    input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens AS total_tokens,
    cost_usd, cost_source, duration_s, source_name, of_user, of_project, of_branch
FROM ${database}.worked_requests FINAL;

-- One row a session. ended is NULL while it is open. prompts are a person's, and a call that was stopped or denied did not fail. cost_usd sums the
-- costs that are known; requests_without_cost says how many are not in it. Conversations are chains of previous_id.
CREATE OR REPLACE VIEW ${database}.sessions ${on_cluster}
AS SELECT
    session_id, agent, user, host, project, branch, model,
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(last_ns, 'UTC') AS last,
    fromUnixTimestamp64Nano(ended_ns, 'UTC') AS ended,
    ended_how, end_reason, start_source, previous_id, prompts, calls, failures, sources, evidence, is_script, requests, input_tokens, output_tokens,
    cache_read_tokens, cache_creation_tokens, total_tokens, cost_usd, requests_without_cost
FROM ${database}.worked_sessions FINAL
WHERE last_ns > 0;

-- One row a stretch of time in which a person worked, agents worked (agents says how many), or something waited for a person; cut at midnight UTC,
-- so days add up. What goes on is cut at this moment.
CREATE OR REPLACE VIEW ${database}.activity_between ${on_cluster}
AS SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    transform(p.reason, [1, 2, 3, 4], ['turn', 'prompt', 'permission', 'answer'], '') AS reason,
    fromUnixTimestamp64Nano(from_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(to_ns, 'UTC') AS ended,
    agents, user, host, project, branch, revision, session_id, prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name
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
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name
FROM ${database}.worked_parts_at(since = '1970-01-02', until = '2149-06-05', user = '', now = toUnixTimestamp64Nano(now64(9))) AS p
WHERE p.kind < 4;

-- One row a maximal run of a person's work with no gap longer than idle_s, of the UTC days from `since` to `until`. Runs within half hours (worked_spells)
-- are put together, where no gap that counts is shorter than theirs; from the half hour on in which something begins that goes on, the stretches
-- themselves are, and what goes on up to `now`.
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
            WHERE NOT is_narrow AND of_project = 0 AND day BETWEEN {since:Date} AND {until:Date}
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

-- The same up to this moment.
CREATE OR REPLACE VIEW ${database}.work_blocks_between ${on_cluster}
AS SELECT *
FROM ${database}.work_blocks_at(idle_s = {idle_s:UInt32}, since = {since:Date}, until = {until:Date}, now = toUnixTimestamp64Nano(now64(9)));

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.work_blocks ${on_cluster}
AS SELECT *
FROM ${database}.work_blocks_at(idle_s = {idle_s:UInt32}, since = '1970-01-02', until = '2149-06-05', now = toUnixTimestamp64Nano(now64(9)));

-- No longer needed: who was active when, by days and of the facts.
DROP VIEW IF EXISTS ${database}.activity_parts_between ${on_cluster};
