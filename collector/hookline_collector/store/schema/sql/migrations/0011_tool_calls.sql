-- One row a call, source and day that the call touches: the same span seen twice, a later copy of it or the same batch again change nothing,
-- because every column keeps its earliest, its latest or its set.
CREATE TABLE IF NOT EXISTS ${database}.tool_calls_state ${on_cluster} (
    day Date,
    session_id String,
    call_id String,
    source UInt8,
    tool SimpleAggregateFunction(max, String),
    prompt_id SimpleAggregateFunction(max, String),
    agent SimpleAggregateFunction(max, String),
    user SimpleAggregateFunction(max, String),
    host SimpleAggregateFunction(max, String),
    project SimpleAggregateFunction(max, String),
    branch SimpleAggregateFunction(max, String),
    agent_id SimpleAggregateFunction(max, String),
    mcp_server SimpleAggregateFunction(max, String),
    file_extension SimpleAggregateFunction(max, String),
    background SimpleAggregateFunction(max, UInt8),
    requested SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    started SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    ended SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    run_ms SimpleAggregateFunction(max, Float64),
    whole_ms SimpleAggregateFunction(max, Float64),
    waits SimpleAggregateFunction(groupUniqArrayArray, Array(Tuple(DateTime64(9, 'UTC'), DateTime64(9, 'UTC')))),
    last SimpleAggregateFunction(max, Tuple(is_known UInt8, ended DateTime64(9, 'UTC'), outcome String, error_type String, closed_by String)),
    input_bytes SimpleAggregateFunction(max, Int64),
    output_bytes SimpleAggregateFunction(max, Int64),
    decision SimpleAggregateFunction(max, String),
    decision_source SimpleAggregateFunction(max, String)
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, session_id, call_id, source)
SETTINGS ${deduplication};

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
    '' AS decision_source
FROM ${database}.agent_spans
WHERE (startsWith(name, 'execute_tool') OR is_wait OR is_native) AND call_id != '';

-- From the agent's own log records: what came of the call, and who decided that it may run.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.tool_calls_logs_mv ${on_cluster}
TO ${database}.tool_calls_state
AS WITH
    toDateTime64('2200-01-01 00:00:00', 9, 'UTC') AS never,
    toDateTime64(0, 9, 'UTC') AS unset,
    name = 'tool_result' AS is_result,
    attributes['decision'] = 'reject' AS is_rejected,
    multiIf(is_rejected, 'denied', NOT is_result, '', attributes['success'] = 'true', 'success', 'failure') AS result
SELECT
    arrayJoin(days) AS day,
    session_id,
    attributes['tool_use_id'] AS call_id,
    source,
    attributes['tool_name'] AS tool,
    prompt_id, agent, user, host, project, branch, agent_id,
    '' AS mcp_server,
    '' AS file_extension,
    toUInt8(0) AS background,
    if(is_result, began, time) AS requested,
    if(is_result, began, never) AS started,
    if(is_result OR is_rejected, time, unset) AS ended,
    if(is_result, toFloat64OrZero(attributes['duration_ms']), -1.) AS run_ms,
    -1. AS whole_ms,
    CAST([], 'Array(Tuple(DateTime64(9, \'UTC\'), DateTime64(9, \'UTC\')))') AS waits,
    (toUInt8(result != ''), time, result, attributes['error_type'], '') AS last,
    if(attributes['tool_input_size_bytes'] = '', -1, toInt64OrZero(attributes['tool_input_size_bytes'])) AS input_bytes,
    if(attributes['tool_result_size_bytes'] = '', -1, toInt64OrZero(attributes['tool_result_size_bytes'])) AS output_bytes,
    multiIf(attributes['decision'] = 'accept', 'accepted', is_rejected, 'denied', '') AS decision,
    if(name = 'tool_decision', attributes['source'], '') AS decision_source
FROM ${database}.agent_logs
WHERE source = 2 AND name IN ('tool_result', 'tool_decision') AND call_id != '';

-- One row a call that touches the days from `since` to `until`: of each value what the best source knows (hook, then the agent's own
-- telemetry, then the transcript). run_s is the client's own measure where it gave one, and 0 of a denied call, which never ran.
-- wait_s is the time that a person let the call wait. `last` is read whole: a part of it read on its own under FINAL is merged by itself.
CREATE VIEW IF NOT EXISTS ${database}.tool_calls_between ${on_cluster}
AS WITH
    s.source * 65536 + toUInt16(s.day) AS standing,
    text -> argMaxIf(text, standing, text != '') AS best,
    spans -> arraySort(spans) AS sorted,
    spans -> arraySum(arrayMap(
        (span, next) -> if(span.1 = next.1, 0, toUnixTimestamp64Nano(span.2) - toUnixTimestamp64Nano(span.1)),
        sorted(spans), arrayPushBack(arrayPopFront(sorted(spans)), (toDateTime64(0, 9, 'UTC'), toDateTime64(0, 9, 'UTC'))))) / 1e9 AS seconds_of,
    max(s.decision_source) AS decided_by,
    maxIf(s.whole_ms, s.source = 2) - maxIf(s.run_ms, s.source = 2) AS native_wait_ms
SELECT
    session_id,
    call_id,
    best(s.tool) AS tool,
    best(s.prompt_id) AS prompt_id,
    best(s.agent) AS agent,
    best(s.user) AS user,
    best(s.host) AS host,
    best(s.project) AS project,
    best(s.branch) AS branch,
    best(s.agent_id) AS agent_id,
    best(s.mcp_server) AS mcp_server,
    best(s.file_extension) AS file_extension,
    max(s.background) AS background,
    argMax(s.requested, standing) AS requested,
    argMaxIf(if(s.started > s.ended, s.requested, s.started), standing, s.ended > 0) AS started,
    argMaxIf(s.ended, standing, s.ended > 0) AS ended,
    multiIf(
        outcome = 'denied', 0,
        maxIf(s.source, s.run_ms >= 0) > 0, argMaxIf(s.run_ms, standing, s.run_ms >= 0) / 1e3,
        greatest(0, toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) / 1e9) AS run_s,
    if(
        max(notEmpty(s.waits)) > 0,
        seconds_of(groupUniqArrayArray(s.waits)),
        if(startsWith(decided_by, 'user'), greatest(0, native_wait_ms), 0) / 1e3) AS wait_s,
    if(max(s.last.is_known) = 1, argMaxIf(s.last.outcome, standing, s.last.is_known = 1), 'unknown') AS outcome,
    argMaxIf(s.last.error_type, standing, s.last.error_type != '') AS error_type,
    argMax(s.last.closed_by, standing) AS closed_by,
    argMaxIf(s.input_bytes, standing, s.input_bytes >= 0) AS input_bytes,
    argMaxIf(s.output_bytes, standing, s.output_bytes >= 0) AS output_bytes,
    best(s.decision) AS decision,
    decided_by AS decision_source,
    greatest(0, maxIf(s.run_ms, s.source = 2)) / 1e3 AS native_run_s,
    toUInt8(max(s.source = 3)) AS from_hook,
    toUInt8(max(s.source = 2)) AS from_native,
    toUInt8(max(s.source = 1)) AS from_transcript
FROM (
    SELECT * EXCEPT (last), identity(c.last) AS last
    FROM ${database}.tool_calls_state AS c FINAL
    WHERE day BETWEEN {since:Date} AND {until:Date}
) AS s
GROUP BY session_id, call_id
HAVING max(s.ended) > 0;

-- The same over all days.
CREATE VIEW IF NOT EXISTS ${database}.tool_calls ${on_cluster}
AS SELECT * FROM ${database}.tool_calls_between(since = '1970-01-01', until = '2149-06-06');
