-- The second opinion: the same figures as the views below, computed from the facts whenever they are asked. What stands in for what could not be worked
-- out (WorkedReading), and what tests hold the rules in Python against. As in 0032: one row a call that touches the days.
CREATE OR REPLACE VIEW ${database}.told_tool_calls_between ${on_cluster}
AS WITH
    c.ending.3 AS told_ended,
    if(t.evidence > c.ending.1 AND c.background = 0 AND told_ended > t.ended, greatest(t.ended, c.requested), told_ended) AS ended_at,
    toUnixTimestamp64Nano(ended_at) AS to_ns,
    arraySum(arrayMap(sleep -> greatest(0, least(to_ns, sleep.2) - greatest(toUnixTimestamp64Nano(started_at), sleep.1)), z.sleeps)) / 1e9 AS slept_s,
    greatest(0, to_ns - toUnixTimestamp64Nano(started_at)) / 1e9 - slept_s AS span_s
SELECT
    c.session_id AS session_id,
    c.call_id AS call_id,
    c.tool AS tool,
    c.prompt_id AS prompt_id,
    c.agent AS agent,
    c.user AS user,
    c.host AS host,
    c.place.2 AS project,
    c.place.3 AS branch,
    c.agent_id AS agent_id,
    c.mcp_server AS mcp_server,
    c.file_extension AS file_extension,
    c.background AS background,
    c.requested AS requested,
    least(c.started_at, ended_at) AS started,
    ended_at AS ended,
    multiIf(
        outcome = 'denied', 0,
        c.run_ms >= 0, if(slept_s > 0, least(c.run_ms / 1e3, greatest(0, span_s)), c.run_ms / 1e3),
        greatest(0, span_s)) AS run_s,
    if(
        notEmpty(c.waits),
        arraySum(arrayMap(wait -> greatest(0, toUnixTimestamp64Nano(wait.2) - toUnixTimestamp64Nano(wait.1)
            - arraySum(arrayMap(
                sleep -> greatest(0, least(toUnixTimestamp64Nano(wait.2), sleep.2) - greatest(toUnixTimestamp64Nano(wait.1), sleep.1)), z.sleeps))),
            c.waits)) / 1e9,
        if(startsWith(c.decision_source, 'user'), greatest(0, c.native_wait_ms), 0) / 1e3) AS wait_s,
    if(c.said.1 = 1, c.said.5, 'unknown') AS outcome,
    c.error_type AS error_type,
    c.closed_by AS closed_by,
    c.input_bytes AS input_bytes,
    c.output_bytes AS output_bytes,
    c.decision AS decision,
    c.decision_source AS decision_source,
    c.native_run_s AS native_run_s,
    c.from_hook AS from_hook,
    c.from_native AS from_native,
    c.from_transcript AS from_transcript,
    transform(c.ending.1, [3, 2, 1], ['observed', 'derived', 'inferred'], '') AS evidence,
    transform(c.ending.2, [5, 4, 3, 2, 1], ['hook', 'native', 'transcript', 'process', 'rule'], '') AS evidence_source,
    c.place.4 AS revision
FROM (
    WITH
        s.source * 65536 + toUInt16(s.day) AS standing,
        (s.ending.1 * 8 + s.ending.2) * 288230376151711744 + bitShiftRight(toUnixTimestamp64Nano(s.ending.3), 4) AS rank,
        (s.said.2 * 8 + s.said.3) * 288230376151711744 + bitShiftRight(toUnixTimestamp64Nano(s.said.4), 4) AS word,
        text -> argMaxIf(text, standing, text != '') AS best
    SELECT
        if(length(call_id) >= 20, '', s.session_id) AS of_session,
        min((3 - s.source, s.session_id)).2 AS session_id,
        call_id,
        best(s.tool) AS tool,
        best(s.prompt_id) AS prompt_id,
        best(s.agent) AS agent,
        best(s.user) AS user,
        best(s.host) AS host,
        argMax(s.place, (s.source, s.place.1)) AS place,
        best(s.agent_id) AS agent_id,
        best(s.mcp_server) AS mcp_server,
        best(s.file_extension) AS file_extension,
        max(s.background) AS background,
        argMaxIf(s.requested, standing, s.requested < '2199-01-01') AS requested,
        argMaxIf(if(s.started > s.ended, s.requested, s.started), standing, s.ended > 0 AND least(s.started, s.requested) < '2199-01-01') AS started_at,
        argMax(s.ending, rank) AS ending,
        argMaxIf(s.run_ms, rank, s.run_ms >= 0) AS run_ms_known,
        if(max(s.run_ms) >= 0, run_ms_known, -1.) AS run_ms,
        maxIf(s.whole_ms, s.source = 2) - greatest(0, maxIf(s.run_ms, s.source = 2)) AS native_wait_ms,
        max(s.decided) AS decided,
        arraySort(groupUniqArrayArray(arrayMap(wait -> (s.source, wait.1, wait.2, wait.3, wait.4), s.wait_ends))) AS told_waits,
        arrayFilter(wait -> wait.1 = arrayMax(w -> w.1, told_waits), told_waits) AS own_waits,
        arrayMap(
            (wait, next) -> (
                wait.2,
                multiIf(
                    wait.2 = next.2, wait.2,
                    wait.3 < 3 AND next.1 = 0 AND decided.1 > wait.3 AND decided.3 > wait.2, decided.3,
                    wait.5)),
            own_waits,
            arrayResize(arrayPopFront(own_waits), length(own_waits), (toUInt8(0), toDateTime64(0, 9, 'UTC'), toUInt8(0), toUInt8(0), toDateTime64(0, 9, 'UTC')))) AS waits,
        argMax(s.said, toUInt64(s.said.1) * 9223372036854775808 + toUInt64(word)) AS told,
        argMaxIf(s.said, word, s.said.2 = 3 AND s.said.5 IN ('interrupted', 'denied')) AS stopped,
        if(told.5 = 'failure' AND stopped.1 = 1, stopped, told) AS said,
        argMaxIf(s.said.6, standing, s.said.6 != '') AS error_type,
        argMax(s.said.7, rank) AS closed_by,
        argMaxIf(s.input_bytes, standing, s.input_bytes >= 0) AS input_bytes,
        argMaxIf(s.output_bytes, standing, s.output_bytes >= 0) AS output_bytes,
        best(s.decision) AS decision,
        max(s.decision_source) AS decision_source,
        greatest(0, maxIf(s.run_ms, s.source = 2)) / 1e3 AS native_run_s,
        toUInt8(max(s.source = 3)) AS from_hook,
        toUInt8(max(s.source = 2)) AS from_native,
        toUInt8(max(s.source = 1)) AS from_transcript
    FROM (
        SELECT * EXCEPT (last, ending, said, decided, place), identity(c.ending) AS ending, identity(c.said) AS said,
            identity(c.decided) AS decided, identity(c.place) AS place
        FROM ${database}.tool_calls_state AS c FINAL
        WHERE day BETWEEN {since:Date} AND {until:Date}
    ) AS s
    GROUP BY of_session, call_id
    HAVING max(s.ending.1) > 0
) AS c
LEFT JOIN (
    SELECT session_id, if(told_prompt != '', told_prompt, linked) AS prompt_id, max(best).1 AS evidence, max(best).3 AS ended
    FROM (
        SELECT session_id, a.prompt_id AS told_prompt, id, max(a.linked_prompt) AS linked, max(a.ending) AS best
        FROM ${database}.activity_state AS a
        WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND kind = 'turn'
          AND session_id IN (
              SELECT session_id
              FROM ${database}.tool_calls_state AS weak
              WHERE day BETWEEN {since:Date} AND {until:Date} AND weak.ending.1 IN (1, 2))
        GROUP BY session_id, told_prompt, id
    )
    GROUP BY session_id, prompt_id
) AS t ON t.session_id = c.session_id AND t.prompt_id = c.prompt_id
LEFT JOIN (
    SELECT session_id, groupUniqArray((toUnixTimestamp64Nano(p.slept), toUnixTimestamp64Nano(p.woke))) AS sleeps
    FROM ${database}.suspends_state AS p FINAL
    WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1
    GROUP BY session_id
) AS z ON z.session_id = c.session_id;

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.told_tool_calls ${on_cluster}
AS SELECT * FROM ${database}.told_tool_calls_between(since = '1970-01-02', until = '2149-06-05');

-- As in 0019: one row a prompt.
CREATE OR REPLACE VIEW ${database}.told_turns_between ${on_cluster}
AS WITH
    (r.ending.1 * 8 + r.ending.2) * 288230376151711744 + bitShiftRight(toUnixTimestamp64Nano(r.ending.3), 4) AS rank,
    (3 - r.source) * 1152921504606846976 + (1 - r.is_span) * 576460752303423488 + bitShiftRight(toUnixTimestamp64Nano(r.started), 3) AS earliest,
    argMax(r.ending, rank) AS best,
    argMax(r.place, (r.source, r.place.1)) AS place
SELECT
    session_id,
    prompt_id,
    argMaxIf(r.agent, rank, r.agent != '') AS agent,
    argMaxIf(r.user, r.source * 1152921504606846976 + bitShiftRight(rank, 4), r.user != '') AS user,
    argMaxIf(r.host, r.source * 1152921504606846976 + bitShiftRight(rank, 4), r.host != '') AS host,
    place.2 AS project,
    place.3 AS branch,
    place.4 AS revision,
    argMaxIf(r.model, rank, r.model != '') AS model,
    argMinIf(r.started, earliest, r.started < '2199-01-01') AS started,
    greatest(best.3, if(best.1 < 2 OR is_open = 1, max(r.seen.1), best.3), started) AS ended,
    toUInt8(max(source) = 3 AND (
        (best.1 < 3 AND maxIf(r.ending.1, r.source = 3) = 0)
        OR (best.1 > 0 AND best.2 != 4 AND best.4 = 0 AND maxIf(r.seen.1, r.source = 3) > best.3))) AS is_open,
    multiIf(
        max(r.ending.5 NOT IN ('', 'unknown')) AND NOT (is_open AND best.1 > 0),
        argMaxIf(r.ending.5, rank, r.ending.5 NOT IN ('', 'unknown')),
        is_open, 'running',
        max(source) = 2, 'success',
        'unknown') AS outcome,
    best.6 AS closed_by,
    argMaxIf(r.ending.7, rank, r.ending.7 != '') AS error_type,
    argMaxIf(r.prompt_length, rank, r.prompt_length > 0) AS prompt_length,
    transform(max(source), [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name,
    toUInt8(max(source = 3)) AS from_hook,
    toUInt8(max(source = 2)) AS from_native,
    toUInt8(max(source = 1)) AS from_transcript,
    transform(if(is_open = 1, 0, best.1), [3, 2, 1], ['observed', 'derived', 'inferred'], '') AS evidence,
    transform(if(is_open = 1, 0, best.2), [5, 4, 3, 2, 1], ['hook', 'native', 'transcript', 'process', 'rule'], '') AS evidence_source,
    multiIf(
        max(r.reason = 'task_notification'), 'task_notification',
        max(r.reason = 'queued'), 'queued',
        'user') AS prompt_source,
    max(r.is_script) AS is_script,
    toUInt32(length(groupUniqArrayArray(r.absorbed))) AS absorbed_prompts
FROM (
    SELECT
        session_id,
        multiIf(s.prompt_id != '', s.prompt_id, linked_prompt != '', linked_prompt, concat('span:', id)) AS prompt_id,
        source, started, is_span, identity(s.ending) AS ending, identity(s.seen) AS seen, identity(s.place) AS place,
        agent, user, host, model, prompt_length, reason, is_script, absorbed
    FROM ${database}.activity_state AS s FINAL
    WHERE kind = 'turn'
      AND day BETWEEN {since:Date} AND {until:Date}
      AND ended > 0
      AND reason != 'command'
      AND (source != 2 OR s.prompt_id != '' OR linked_prompt != '' OR session_id NOT IN (
          SELECT session_id FROM ${database}.activity_state WHERE source = 3 AND kind = 'turn' AND day BETWEEN {since:Date} AND {until:Date}))
) AS r
WHERE (session_id, prompt_id) NOT IN (
    SELECT session_id, prompt_id FROM ${database}.copied_prompts_between(since = {since:Date}, until = {until:Date}))
GROUP BY session_id, prompt_id
HAVING min(r.started) < '2199-01-01';

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.told_turns ${on_cluster}
AS SELECT * FROM ${database}.told_turns_between(since = '1970-01-02', until = '2149-06-05');

-- As in 0013: one row an API request.
CREATE OR REPLACE VIEW ${database}.told_usage_between ${on_cluster}
AS SELECT * EXCEPT (price) FROM (
SELECT
    request.request_key AS request_key,
    c.session_id AS session_id,
    c.prompt_id AS prompt_id,
    request.time AS time,
    request.model AS model,
    request.agent AS agent,
    request.user AS user,
    request.account AS account,
    request.host AS host,
    request.project AS project,
    request.branch AS branch,
    request.agent_id AS agent_id,
    request.is_subagent AS is_subagent,
    request.input_tokens AS input_tokens,
    request.output_tokens AS output_tokens,
    request.cache_read_tokens AS cache_read_tokens,
    request.cache_creation_tokens AS cache_creation_tokens,
    input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens AS total_tokens,
    arrayLast(band -> band.1 <= input_tokens + cache_read_tokens + cache_creation_tokens, p.bands) AS price,
    multiIf(
        request.client_cost_usd >= 0, toNullable(request.client_cost_usd),
        empty(p.bands), NULL,
        (input_tokens * price.2 + output_tokens * price.3 + (cache_creation_tokens - request.cache_1h_tokens) * price.4
            + request.cache_1h_tokens * price.5 + cache_read_tokens * price.6) / 1e6) AS cost_usd,
    multiIf(request.client_cost_usd >= 0, 'client', empty(p.bands), 'unknown', 'prices') AS cost_source,
    request.duration_ms / 1e3 AS duration_s,
    if(request.source = 2, 'native', 'transcript') AS source_name
FROM ${database}.usage_counted_between(since = {since:Date}, until = {until:Date}) AS c
LEFT JOIN ${database}.model_prices AS p ON p.model = request.model
);

-- The same over all days: within the calendar, as the days around are read too.
CREATE OR REPLACE VIEW ${database}.told_usage ${on_cluster}
AS SELECT * FROM ${database}.told_usage_between(since = '1970-01-02', until = '2149-06-05');

-- As in 0019: one row a session.
CREATE OR REPLACE VIEW ${database}.told_sessions ${on_cluster}
AS SELECT
    k.*,
    u.requests AS requests,
    u.input_tokens AS input_tokens,
    u.output_tokens AS output_tokens,
    u.cache_read_tokens AS cache_read_tokens,
    u.cache_creation_tokens AS cache_creation_tokens,
    u.total_tokens AS total_tokens,
    u.cost_usd AS cost_usd,
    u.requests_without_cost AS requests_without_cost
FROM ${database}.sessions_known AS k
LEFT JOIN (
    SELECT
        session_id,
        count() AS requests,
        sum(r.input_tokens) AS input_tokens,
        sum(r.output_tokens) AS output_tokens,
        sum(r.cache_read_tokens) AS cache_read_tokens,
        sum(r.cache_creation_tokens) AS cache_creation_tokens,
        sum(r.total_tokens) AS total_tokens,
        sum(r.cost_usd) AS cost_usd,
        countIf(r.cost_usd IS NULL) AS requests_without_cost
    FROM ${database}.told_usage AS r
    GROUP BY session_id
) AS u USING (session_id);

-- As in 0020: one row a stretch, whole.
CREATE OR REPLACE VIEW ${database}.told_activity ${on_cluster}
AS SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    transform(p.reason, [1, 2, 3, 4], ['turn', 'prompt', 'permission', 'answer'], '') AS reason,
    toTimeZone(fromUnixTimestamp64Nano(from_ns), 'UTC') AS started,
    toTimeZone(fromUnixTimestamp64Nano(to_ns), 'UTC') AS ended,
    agents, user, host, project, branch, revision, session_id, prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name
FROM ${database}.activity_parts_at(since = '1970-01-02', until = '2149-06-05', user = '', now = toUnixTimestamp64Nano(now64(9))) AS p
WHERE p.kind < 4;

-- As in 0020: one row a maximal run of a person's work with no gap longer than idle_s.
CREATE OR REPLACE VIEW ${database}.told_work_blocks ${on_cluster}
AS SELECT
    user,
    toTimeZone(fromUnixTimestamp64Nano(min(from_ns)), 'UTC') AS started,
    toTimeZone(fromUnixTimestamp64Nano(max(to_ns)), 'UTC') AS ended,
    (max(to_ns) - min(from_ns)) / 1e9 AS duration_s,
    sum(greatest(0, to_ns - greatest(from_ns, covered_to))) / 1e9 AS wall_s,
    sumIf(greatest(0, to_ns - greatest(from_ns, human_covered_to)), kind = 2) / 1e9 AS human_s,
    sumIf((to_ns - from_ns) * agents, kind = 1) / 1e9 AS agent_s,
    groupUniqArray(session_id) AS sessions,
    groupUniqArray(project) AS projects
FROM (
    SELECT
        user, kind, agents, session_id, project, from_ns, to_ns, covered_to, human_covered_to,
        sum(from_ns > covered_to + {idle_s:UInt32} * 1000000000) OVER (PARTITION BY user ORDER BY from_ns ROWS UNBOUNDED PRECEDING) AS block
    FROM (
        SELECT
            user, kind, agents, session_id, project, from_ns, to_ns,
            max(to_ns) OVER before AS covered_to,
            max(if(kind = 2, to_ns, 0)) OVER before AS human_covered_to
        FROM ${database}.activity_parts_at(since = '1970-01-02', until = '2149-06-05', user = '', now = toUnixTimestamp64Nano(now64(9)))
        WHERE kind < 3
        WINDOW before AS (PARTITION BY user ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
)
GROUP BY user, block;
