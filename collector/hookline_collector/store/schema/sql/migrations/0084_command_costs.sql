-- What a call's commands cost: processor time of the agent's children that ended between its request and its end, as the agent's hook found it in the
-- kernel's counters; -1 where nobody said. It is told of a span alone, so rows of records keep the default.
ALTER TABLE ${database}.tool_calls_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS process_cpu_ms SimpleAggregateFunction(max, Int64) DEFAULT -1;

-- The view that fills it is made anew.
DROP VIEW IF EXISTS ${database}.tool_calls_spans_mv ${on_cluster};

-- From spans: the run of a call, the wait for its permission, and the agent's own three spans of it.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.tool_calls_spans_mv ${on_cluster}
TO ${database}.tool_calls_state
AS WITH
    toDateTime64('2200-01-01 00:00:00', 9, 'UTC') AS never,
    toDateTime64(0, 9, 'UTC') AS unset,
    startsWith(name, 'wait_permission') AS is_wait,
    name IN ('claude_code.tool', 'claude_code.tool.execution') AS is_native,
    multiIf(is_wait, '', NOT is_native, outcome, attributes['success'] = 'true', 'success', attributes['success'] = 'false', 'failure', '') AS result
SELECT
    arrayJoin(days) AS day,
    session_id,
    if(attributes['gen_ai.tool.call.id'] = '', attributes['tool_use_id'], attributes['gen_ai.tool.call.id']) AS call_id,
    source,
    if(attributes['gen_ai.tool.name'] = '', attributes['tool_name'], attributes['gen_ai.tool.name']) AS tool,
    prompt_id, agent, user, host, project, branch, agent_id,
    attributes['hookline.mcp.server.name'] AS mcp_server,
    attributes['file.extension'] AS file_extension,
    toUInt8(attributes['hookline.tool.background'] = 'true') AS background,
    multiIf(
        is_wait, never,
        attributes['hookline.tool.requested_at'] != '', toTimeZone(fromUnixTimestamp64Nano(toInt64OrZero(attributes['hookline.tool.requested_at'])), 'UTC'),
        agent_spans.started) AS requested,
    if(is_wait OR name = 'claude_code.tool', never, agent_spans.started) AS started,
    if(is_wait, unset, agent_spans.ended) AS ended,
    multiIf(
        attributes['hookline.tool.run_ms'] != '', toFloat64OrZero(attributes['hookline.tool.run_ms']),
        name = 'claude_code.tool.execution', toFloat64OrZero(attributes['duration_ms']),
        -1.) AS run_ms,
    if(name = 'claude_code.tool', toFloat64OrZero(attributes['duration_ms']), -1.) AS whole_ms,
    if(is_wait, [(agent_spans.started, agent_spans.ended)], []) AS waits,
    (toUInt8(result NOT IN ('', 'unknown')), agent_spans.ended, result, if(is_wait, '', error_type), if(is_wait, '', closed_by)) AS last,
    if(attributes['hookline.tool.input.size'] = '', -1, toInt64OrZero(attributes['hookline.tool.input.size'])) AS input_bytes,
    if(attributes['hookline.tool.output.size'] = '', -1, toInt64OrZero(attributes['hookline.tool.output.size'])) AS output_bytes,
    attributes['hookline.permission.outcome'] AS decision,
    '' AS decision_source,
    if(is_wait, (toUInt8(0), toUInt8(0), unset), (agent_spans.evidence, agent_spans.teller, agent_spans.ended)) AS ending,
    (toUInt8(result NOT IN ('', 'unknown')), agent_spans.evidence, agent_spans.teller, agent_spans.ended, result,
     if(is_wait, '', agent_spans.error_type), if(is_wait, '', agent_spans.closed_by)) AS said,
    if(is_wait, [(agent_spans.started, agent_spans.evidence, agent_spans.teller, agent_spans.ended)], []) AS wait_ends,
    (toUInt8(0), toUInt8(0), unset) AS decided,
    if(agent_spans.project = '', (unset, '', '', ''), (agent_spans.ended, agent_spans.project, agent_spans.branch, agent_spans.revision)) AS place,
    attributes['hookline.tool.kind'] AS tool_kind,
    if(attributes['hookline.tool.process_cpu_ms'] = '', -1, toInt64OrZero(attributes['hookline.tool.process_cpu_ms'])) AS process_cpu_ms
FROM ${database}.agent_spans
WHERE (startsWith(name, 'execute_tool') OR is_wait OR is_native) AND call_id != '';

-- What was worked out has it too; what was worked out before is worked out again, by the rules of this version.
ALTER TABLE ${database}.worked_calls ${on_cluster}
    ADD COLUMN IF NOT EXISTS process_cpu_s Nullable(Float64),
    ADD COLUMN IF NOT EXISTS process_cpu_shared UInt8;

-- As in 0060, with what its processes used, and whether another call ran meanwhile: the agent's counters do not say whose a process was.
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
    c.place.4 AS revision,
    if(c.told_kind = '', ${tool_kind_by_name}, c.told_kind) AS tool_kind,
    if(c.process_cpu_ms < 0, NULL, c.process_cpu_ms / 1e3) AS process_cpu_s,
    toUInt8(process_cpu_s IS NOT NULL AND (
        ifNull(maxOrNullIf(ended_at, tool_kind != 'agent') OVER before > c.requested, 0)
        OR ifNull(minOrNullIf(c.requested, tool_kind != 'agent') OVER after < ended_at, 0))) AS process_cpu_shared
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
        best(s.tool_kind) AS told_kind,
        max(s.process_cpu_ms) AS process_cpu_ms,
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
) AS z ON z.session_id = c.session_id
WINDOW
    before AS (PARTITION BY c.session_id ORDER BY c.requested, c.call_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
    after AS (PARTITION BY c.session_id ORDER BY c.requested, c.call_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING);

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.told_tool_calls ${on_cluster}
AS SELECT * FROM ${database}.told_tool_calls_between(since = '1970-01-02', until = '2149-06-05');

-- One row a call that began on the UTC days from `since` to `until`; its figures as docs/work-time.md says.
CREATE OR REPLACE VIEW ${database}.tool_calls_between ${on_cluster}
AS SELECT
    session_id, call_id, tool, prompt_id, agent, user, host, project, branch, agent_id, mcp_server, file_extension, background,
    fromUnixTimestamp64Nano(requested_ns, 'UTC') AS requested,
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(ended_ns, 'UTC') AS ended,
    run_s, wait_s, outcome, error_type, closed_by, input_bytes, output_bytes, decision, decision_source, native_run_s, from_hook, from_native,
    from_transcript, evidence, evidence_source, revision, tool_kind, process_cpu_s, process_cpu_shared
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
    from_transcript, evidence, evidence_source, revision, tool_kind, process_cpu_s, process_cpu_shared
FROM ${database}.worked_calls FINAL;
