-- What happened in a session, as intervals: turns, subagents, compactions, waits for a person, and hand-overs (a call of the Agent tool, while
-- which the caller itself stands still). One row an interval, source and UTC day that it touches. Who was active when is worked out when it is
-- asked for (0016), so late, repeated and reordered spans change nothing: a row keeps its earliest start,
-- its latest end, and in `last` what was said with that end.
-- linked_prompt names the prompt of the agent's own spans, which do not know it: its log records know both (prompt_id is then empty).
CREATE TABLE IF NOT EXISTS ${database}.activity_state ${on_cluster} (
    day Date,
    session_id String,
    prompt_id String,
    kind LowCardinality(String),
    id String,
    source UInt8,
    started SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    linked_prompt SimpleAggregateFunction(max, String),
    ended SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    is_span SimpleAggregateFunction(max, UInt8),
    last SimpleAggregateFunction(max, Tuple(ended DateTime64(9, 'UTC'), is_span UInt8, outcome String, closed_by String, error_type String)),
    reason SimpleAggregateFunction(max, String),
    agent SimpleAggregateFunction(max, String),
    user SimpleAggregateFunction(max, String),
    host SimpleAggregateFunction(max, String),
    project SimpleAggregateFunction(max, String),
    branch SimpleAggregateFunction(max, String),
    revision SimpleAggregateFunction(max, String),
    model SimpleAggregateFunction(max, String),
    agent_id SimpleAggregateFunction(max, String),
    prompt_length SimpleAggregateFunction(max, Int64)
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, session_id, prompt_id, kind, id, source)
SETTINGS ${deduplication};

-- From spans. Of the agent's own waits only those count that a person ended: most are answered by its settings within milliseconds.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.activity_spans_mv ${on_cluster}
TO ${database}.activity_state
AS WITH
    attributes['gen_ai.tool.name'] IN ('Agent', 'Task') AS is_agent_call
SELECT
    arrayJoin(days) AS day,
    session_id,
    prompt_id,
    multiIf(
        startsWith(name, 'invoke_agent') AND agent_id = '', 'turn',
        startsWith(name, 'invoke_agent'), 'subagent',
        name = 'claude_code.interaction', 'turn',
        startsWith(name, 'compact_context'), 'compaction',
        startsWith(name, 'wait_'), 'wait',
        name = 'claude_code.tool.blocked_on_user' AND startsWith(attributes['source'], 'user'), 'wait',
        startsWith(name, 'execute_tool') AND is_agent_call AND attributes['hookline.tool.background'] != 'true', 'handover',
        '') AS kind,
    if(kind = 'turn' AND source != 2, prompt_id, span_id) AS id,
    source,
    started,
    '' AS linked_prompt,
    ended,
    toUInt8(1) AS is_span,
    (agent_spans.ended, toUInt8(1), agent_spans.outcome, agent_spans.closed_by, agent_spans.error_type) AS last,
    multiIf(
        name = 'claude_code.tool.blocked_on_user', 'permission',
        kind = 'turn', attributes['hookline.prompt.source'],
        attributes['hookline.wait.reason']) AS reason,
    agent, user, host, project, branch, revision, model, agent_id,
    toInt64OrZero(if(source = 2, attributes['user_prompt_length'], attributes['hookline.prompt.length'])) AS prompt_length
FROM ${database}.agent_spans
WHERE kind != '';

-- From log records. Of hooks: what shows that a turn goes on, so that a turn counts while it runs. Of the agent itself: its turns (for people who
-- send no traces), its subagents, hand-overs, questions and compactions, and which prompt its spans belong to.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.activity_logs_mv ${on_cluster}
TO ${database}.activity_state
AS SELECT
    arrayJoin(days) AS day,
    session_id,
    part.4 AS prompt_id,
    part.2 AS kind,
    part.3 AS id,
    source,
    part.5 AS started,
    part.7 AS linked_prompt,
    part.6 AS ended,
    toUInt8(0) AS is_span,
    (part.6, toUInt8(0), if(name = 'api_error', 'failure', ''), '', if(name = 'api_error', attributes['error'], '')) AS last,
    multiIf(kind != 'wait', '', name = 'tool_result', 'answer', 'permission') AS reason,
    agent, user, host, project, branch, revision, model, agent_id,
    if(
        name IN ('user_prompt', 'prompt_submitted'),
        toInt64OrZero(coalesce(nullIf(attributes['prompt_length'], ''), attributes['hookline.prompt.length'])),
        0) AS prompt_length
FROM (
    WITH
        toDateTime64('2200-01-01 00:00:00', 9, 'UTC') AS never,
        toDateTime64(0, 9, 'UTC') AS unset,
        agent_id = '' AND NOT startsWith(attributes['query_source'], 'agent') AS is_main,
        arrayFilter(entry -> entry.1, [
            (source = 3 AND is_main AND prompt_id != '' AND name IN (
                'prompt_submitted', 'tool_started', 'tool_ended', 'tool_failed', 'tool_batch_ended', 'permission_requested', 'permission_denied',
                'turn_ended', 'turn_failed'), 'turn', prompt_id, prompt_id, time, time, ''),
            (source = 2 AND is_main AND prompt_id != '' AND name IN ('user_prompt', 'api_request', 'api_error', 'tool_result', 'assistant_response'),
                'turn', prompt_id, prompt_id, began, time, ''),
            (source = 2 AND name = 'subagent_completed', 'subagent', concat(span_id, toString(toUnixTimestamp64Nano(time))), prompt_id, began, time, ''),
            (source = 2 AND name = 'tool_result' AND attributes['tool_name'] IN ('Agent', 'Task'),
                'handover', attributes['tool_use_id'], prompt_id, began, time, ''),
            (source = 2 AND name = 'tool_result' AND attributes['tool_name'] IN ('AskUserQuestion', 'ExitPlanMode'),
                'wait', attributes['tool_use_id'], prompt_id, began, time, ''),
            (source = 2 AND name = 'compaction', 'compaction', concat(span_id, toString(toUnixTimestamp64Nano(time))), prompt_id, began, time, ''),
            (source = 2 AND name = 'user_prompt' AND span_id != '', 'turn', span_id, '', never, unset, prompt_id),
            (source = 2 AND name = 'tool_decision' AND span_id != '' AND startsWith(attributes['source'], 'user'),
                'wait', span_id, '', never, unset, prompt_id)
        ]) AS parts
    SELECT *, arrayJoin(parts) AS part FROM ${database}.agent_logs
);

-- One row a prompt: from its submission to the end of its turn, as the best source knows it; is_open while no end is known. The agent's own turn whose
-- prompt nobody named counts only where no hook saw the session. `last` is read whole: FINAL merges what it reads, and a part of a tuple that is
-- read on its own is merged by itself. The best teller is found by one number (source, span or log, time): it is five times as fast as a tuple.
CREATE VIEW IF NOT EXISTS ${database}.turns_between ${on_cluster}
AS WITH
    r.source * 1152921504606846976 + r.is_span * 576460752303423488 + bitShiftRight(toUnixTimestamp64Nano(r.ended), 3) AS rank,
    (3 - r.source) * 1152921504606846976 + (1 - r.is_span) * 576460752303423488 + bitShiftRight(toUnixTimestamp64Nano(r.started), 3) AS earliest
SELECT
    session_id,
    prompt_id,
    argMaxIf(r.agent, rank, r.agent != '') AS agent,
    argMaxIf(r.user, rank, r.user != '') AS user,
    argMaxIf(r.host, rank, r.host != '') AS host,
    argMaxIf(r.project, rank, r.project != '') AS project,
    argMaxIf(r.branch, rank, r.branch != '') AS branch,
    argMaxIf(r.revision, rank, r.revision != '') AS revision,
    argMaxIf(r.model, rank, r.model != '') AS model,
    argMin(r.started, earliest) AS started,
    argMax(r.ended, rank) AS ended,
    toUInt8(max(source) = 3 AND argMax(r.last.is_span, rank) = 0) AS is_open,
    if(
        max(r.last.outcome NOT IN ('', 'unknown')),
        argMaxIf(r.last.outcome, rank, r.last.outcome NOT IN ('', 'unknown')),
        multiIf(is_open, 'running', max(source) = 2, 'success', 'unknown')) AS outcome,
    argMax(r.last.closed_by, rank) AS closed_by,
    argMaxIf(r.last.error_type, rank, r.last.error_type != '') AS error_type,
    argMaxIf(r.prompt_length, rank, r.prompt_length > 0) AS prompt_length,
    transform(max(source), [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name,
    toUInt8(max(source = 3)) AS from_hook,
    toUInt8(max(source = 2)) AS from_native,
    toUInt8(max(source = 1)) AS from_transcript
FROM (
    SELECT
        session_id,
        multiIf(s.prompt_id != '', s.prompt_id, linked_prompt != '', linked_prompt, concat('span:', id)) AS prompt_id,
        source, started, ended, is_span, identity(s.last) AS last, agent, user, host, project, branch, revision, model, prompt_length
    FROM ${database}.activity_state AS s FINAL
    WHERE kind = 'turn'
      AND day BETWEEN {since:Date} AND {until:Date}
      AND ended > 0
      AND (source != 2 OR s.prompt_id != '' OR linked_prompt != '' OR session_id NOT IN (
          SELECT session_id FROM ${database}.activity_state WHERE source = 3 AND kind = 'turn' AND day BETWEEN {since:Date} AND {until:Date}))
) AS r
GROUP BY session_id, prompt_id;

-- The same over all days.
CREATE VIEW IF NOT EXISTS ${database}.turns ${on_cluster}
AS SELECT * FROM ${database}.turns_between(since = '1970-01-01', until = '2149-06-06');
