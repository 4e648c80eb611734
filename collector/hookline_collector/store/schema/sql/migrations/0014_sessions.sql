-- One row a session after merging. ends holds every end that somebody reported; which of them still holds is decided when it is read, because
-- whatever happens later reopens a session. prompts, calls and failures are sets of ids, so telling of one twice counts it once. A command such as /clear names a prompt but is none.
CREATE TABLE IF NOT EXISTS ${database}.sessions_state ${on_cluster} (
    session_id String,
    started SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    last SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    active SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    ends SimpleAggregateFunction(groupUniqArrayArray, Array(Tuple(DateTime64(9, 'UTC'), String, String))),
    agent SimpleAggregateFunction(max, String),
    user SimpleAggregateFunction(max, Tuple(UInt8, UInt8, DateTime64(9, 'UTC'), String)),
    host SimpleAggregateFunction(max, Tuple(UInt8, UInt8, DateTime64(9, 'UTC'), String)),
    project SimpleAggregateFunction(max, Tuple(UInt8, UInt8, DateTime64(9, 'UTC'), String)),
    branch SimpleAggregateFunction(max, Tuple(UInt8, UInt8, DateTime64(9, 'UTC'), String)),
    model SimpleAggregateFunction(max, Tuple(UInt8, UInt8, DateTime64(9, 'UTC'), String)),
    previous_id SimpleAggregateFunction(max, String),
    start_source SimpleAggregateFunction(max, Tuple(UInt8, DateTime64(9, 'UTC'), String)),
    prompts SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)),
    calls SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)),
    failures SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)),
    sources SimpleAggregateFunction(groupBitOr, UInt8)
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY session_id
SETTINGS ${deduplication};

-- From spans. What a rule closed shows that the session lived when it began, not when it was closed.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.sessions_spans_mv ${on_cluster}
TO ${database}.sessions_state
AS WITH
    if(attributes['gen_ai.tool.call.id'] = '', attributes['tool_use_id'], attributes['gen_ai.tool.call.id']) AS call_id,
    startsWith(name, 'execute_tool') OR name IN ('claude_code.tool', 'claude_code.tool.execution') AS is_call,
    (value) -> (toUInt8(value != ''), agent_spans.source, agent_spans.ended, value) AS known
SELECT
    session_id,
    agent_spans.started AS started,
    agent_spans.ended AS last,
    if(source = 3 AND closed_by = '', agent_spans.ended, agent_spans.started) AS active,
    CAST([], 'Array(Tuple(DateTime64(9, \'UTC\'), String, String))') AS ends,
    agent,
    known(agent_spans.user) AS user,
    known(agent_spans.host) AS host,
    known(agent_spans.project) AS project,
    known(agent_spans.branch) AS branch,
    known(agent_spans.model) AS model,
    '' AS previous_id,
    (toUInt8(0), toDateTime64(0, 9, 'UTC'), '') AS start_source,
    if(prompt_id != '' AND startsWith(name, 'invoke_agent') AND agent_id = '', [sipHash64(prompt_id)], []) AS prompts,
    if(is_call AND call_id != '', [sipHash64(call_id)], []) AS calls,
    if(is_call AND call_id != '' AND (outcome = 'failure' OR attributes['success'] = 'false'), [sipHash64(call_id)], []) AS failures,
    bitShiftLeft(toUInt8(1), source) AS sources
FROM ${database}.agent_spans;

-- From log records: starts, ends and everything that shows life. What the client says of itself (its plugins, hooks and settings) is no work.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.sessions_logs_mv ${on_cluster}
TO ${database}.sessions_state
AS WITH
    multiIf(
        name = 'session.end', 'session_end',
        name = 'process_gone', 'process_gone',
        name = 'session.closed', attributes['hookline.session.end_reason'],
        '') AS how,
    if(attributes['gen_ai.tool.call.id'] = '', attributes['tool_use_id'], attributes['gen_ai.tool.call.id']) AS call_id,
    (value) -> (toUInt8(value != ''), agent_logs.source, agent_logs.time, value) AS known
SELECT
    session_id,
    if(how = '' OR name = 'session.end', agent_logs.began, toDateTime64('2200-01-01 00:00:00', 9, 'UTC')) AS started,
    if(how = '' OR name = 'session.end', agent_logs.time, toDateTime64(0, 9, 'UTC')) AS last,
    if(name IN (
        'session.start', 'prompt_submitted', 'tool_started', 'tool_ended', 'tool_failed', 'permission_requested', 'subagent_started', 'subagent_ended',
        'turn_ended', 'turn_failed', 'compaction_started', 'compaction_ended', 'user_prompt', 'api_request', 'tool_result', 'tool_decision'),
        agent_logs.time, toDateTime64(0, 9, 'UTC')) AS active,
    if(how = '', [], [(agent_logs.time, how, if(name = 'session.end', attributes['hookline.session.end_reason'], ''))]) AS ends,
    agent,
    known(agent_logs.user) AS user,
    known(agent_logs.host) AS host,
    known(agent_logs.project) AS project,
    known(agent_logs.branch) AS branch,
    known(if(agent_id != '' OR startsWith(attributes['query_source'], 'agent'), '', agent_logs.model)) AS model,
    attributes['session.previous_id'] AS previous_id,
    (toUInt8(attributes['hookline.session.start_source'] != ''), agent_logs.time, attributes['hookline.session.start_source']) AS start_source,
    if(prompt_id != '' AND name IN ('prompt_submitted', 'user_prompt'), [sipHash64(prompt_id)], []) AS prompts,
    if(call_id = '', [], [sipHash64(call_id)]) AS calls,
    multiIf(
        call_id = '', [],
        name = 'tool_failed' AND attributes['hookline.outcome'] IN ('', 'failure'), [sipHash64(call_id)],
        name = 'tool_result' AND attributes['success'] = 'false', [sipHash64(call_id)],
        []) AS failures,
    bitShiftLeft(toUInt8(1), source) AS sources
FROM ${database}.agent_logs;

-- One row a session. ended is NULL while it is open: an end counts when nothing was done after it, the best kind of end first. Conversations are
-- chains of previous_id.
CREATE VIEW IF NOT EXISTS ${database}.sessions_known ${on_cluster}
AS WITH
    arrayFilter(
        candidate -> candidate.1 >= subtractMilliseconds(max(s.active), 50),
        groupUniqArrayArray(s.ends)) AS valid_ends,
    arrayLast(candidate -> 1, arraySort(
        candidate -> (indexOf(['timed_out', 'superseded', 'process_gone', 'session_end'], candidate.2), candidate.1, candidate.3), valid_ends)) AS end
SELECT
    session_id,
    max(s.agent) AS agent,
    max(s.user).4 AS user,
    max(s.host).4 AS host,
    max(s.project).4 AS project,
    max(s.branch).4 AS branch,
    max(s.model).4 AS model,
    min(s.started) AS started,
    max(s.last) AS last,
    if(empty(valid_ends), NULL, end.1) AS ended,
    end.2 AS ended_how,
    end.3 AS end_reason,
    max(s.start_source).3 AS start_source,
    max(s.previous_id) AS previous_id,
    length(groupUniqArrayArray(s.prompts)) AS prompts,
    length(groupUniqArrayArray(s.calls)) AS calls,
    length(groupUniqArrayArray(s.failures)) AS failures,
    arrayFilter(
        word -> word != '',
        [if(bitTest(groupBitOr(s.sources), 3), 'hook', ''), if(bitTest(groupBitOr(s.sources), 2), 'native', ''),
         if(bitTest(groupBitOr(s.sources), 1), 'transcript', '')]) AS sources
FROM ${database}.sessions_state AS s
GROUP BY session_id
HAVING max(s.last) > 0;

-- The same with what each session's requests took. cost_usd sums the costs that are known; requests_without_cost says how many are not in it.
CREATE VIEW IF NOT EXISTS ${database}.sessions ${on_cluster}
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
    FROM ${database}.usage AS r
    GROUP BY session_id
) AS u USING (session_id);
