-- From spans, as in 0012. Of the agent's own waits only those count that a person ended: most are answered by its settings within milliseconds.
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
    toInt64OrZero(if(source = 2, attributes['user_prompt_length'], attributes['hookline.prompt.length'])) AS prompt_length,
    (agent_spans.evidence, agent_spans.teller, agent_spans.ended, toUInt8(1), agent_spans.outcome, agent_spans.closed_by,
     agent_spans.error_type) AS ending,
    (agent_spans.started, toUInt8(0)) AS seen,
    if(kind IN ('wait', 'handover'), attributes['gen_ai.tool.call.id'], '') AS call_id,
    if(agent_spans.project = '', (toDateTime64(0, 9, 'UTC'), '', '', ''),
        (agent_spans.ended, agent_spans.project, agent_spans.branch, agent_spans.revision)) AS place,
    is_script,
    CAST([], 'Array(UInt64)') AS absorbed
FROM ${database}.agent_spans
WHERE kind != '';

-- From log records. Of hooks: what shows that a turn goes on, that it ended, and that a person said No or stopped it. Of the agent itself: its turns (for
-- people who send no traces), its subagents, hand-overs, questions and compactions, which prompt its spans belong to, and when a person decided.
-- A row that began never is only the end of something that another row began. A prompt that a person typed ahead and the running turn took in is
-- counted by its record; a command of the client itself (/exit) is no prompt, and its turn is marked so.
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
    (part.6, toUInt8(0), said, '', error) AS last,
    multiIf(
        kind = 'turn' AND is_command, 'command',
        kind = 'turn' AND is_absorbed, '',
        kind = 'turn', attributes['hookline.prompt.source'],
        kind != 'wait', '',
        attributes['hookline.wait.reason'] != '', attributes['hookline.wait.reason'],
        name = 'tool_result', 'answer',
        'permission') AS reason,
    agent, user, host, project, branch, revision, model, agent_id,
    if(
        name IN ('user_prompt', 'prompt_submitted') AND NOT is_absorbed,
        toInt64OrZero(coalesce(nullIf(attributes['prompt_length'], ''), attributes['hookline.prompt.length'])),
        0) AS prompt_length,
    (toUInt8(part.8), parts_of.teller, part.6, toUInt8(0), said, '', error) AS ending,
    if(
        kind = 'turn' AND name NOT IN ('turn_ended', 'turn_failed', 'turn_interrupted', 'turn_quiet'),
        (parts_of.time, toUInt8(multiIf(
            name NOT IN ('permission_requested', 'elicitation_requested'), 0,
            name = 'elicitation_requested' OR attributes['hookline.wait.reason'] = 'answer', 4,
            3))),
        (toDateTime64(0, 9, 'UTC'), toUInt8(0))) AS seen,
    if(kind IN ('wait', 'handover'), if(attributes['tool_use_id'] = '', attributes['gen_ai.tool.call.id'], attributes['tool_use_id']), '') AS call_id,
    if(parts_of.project = '', (toDateTime64(0, 9, 'UTC'), '', '', ''),
        (parts_of.time, parts_of.project, parts_of.branch, parts_of.revision)) AS place,
    is_script,
    if(kind = 'turn' AND is_absorbed, [sipHash64(attributes['log.record.uid'])], []) AS absorbed
FROM (
    WITH
        toDateTime64('2200-01-01 00:00:00', 9, 'UTC') AS never,
        toDateTime64(0, 9, 'UTC') AS unset,
        agent_id = '' AND NOT startsWith(attributes['query_source'], 'agent') AS is_main,
        name IN ('turn_ended', 'turn_failed', 'turn_interrupted', 'turn_quiet') AS is_end,
        if(attributes['tool_use_id'] = '', attributes['gen_ai.tool.call.id'], attributes['tool_use_id']) AS call,
        transform(attributes['hookline.evidence'], ['derived', 'inferred'], [2, 1], 3) AS known,
        name = 'user_prompt' AND attributes['command_source'] = 'builtin' AS is_command,
        name = 'prompt_submitted' AND attributes['hookline.prompt.source'] = 'absorbed' AS is_absorbed,
        arrayFilter(entry -> entry.1, [
            (source IN (1, 3) AND is_main AND prompt_id != '' AND (source = 3 OR name = 'turn_interrupted') AND name IN (
                'prompt_submitted', 'tool_started', 'tool_running', 'tool_ended', 'tool_failed', 'tool_interrupted', 'tool_batch_ended',
                'permission_requested', 'permission_denied', 'elicitation_requested', 'elicitation_answered',
                'turn_ended', 'turn_failed', 'turn_interrupted', 'turn_quiet'), 'turn', prompt_id, prompt_id, time, time, '', if(is_end, known, 0)),
            (source = 2 AND is_main AND prompt_id != '' AND NOT is_command AND name IN ('user_prompt', 'api_request', 'api_error', 'tool_result', 'assistant_response'),
                'turn', prompt_id, prompt_id, began, time, '', 1),
            (source = 2 AND name = 'subagent_completed', 'subagent', concat(span_id, toString(toUnixTimestamp64Nano(time))), prompt_id, began, time, '', 3),
            (source = 2 AND name = 'tool_result' AND attributes['tool_name'] IN ('Agent', 'Task'),
                'handover', attributes['tool_use_id'], prompt_id, began, time, '', 3),
            (source = 2 AND name = 'tool_result' AND attributes['tool_name'] IN ('AskUserQuestion', 'ExitPlanMode'),
                'wait', attributes['tool_use_id'], prompt_id, began, time, '', 3),
            (source = 2 AND name = 'compaction', 'compaction', concat(span_id, toString(toUnixTimestamp64Nano(time))), prompt_id, began, time, '', 3),
            (source = 2 AND name = 'user_prompt' AND span_id != '', 'turn', span_id, '', never, unset, prompt_id, 0),
            (source = 2 AND name = 'tool_decision' AND span_id != '' AND startsWith(attributes['source'], 'user'),
                'wait', span_id, '', never, unset, prompt_id, 0),
            (source = 2 AND name = 'tool_decision' AND call != '' AND startsWith(attributes['source'], 'user'),
                'wait', concat('decided:', call), prompt_id, never, time, '', 3),
            (source IN (1, 3) AND name = 'permission_denied' AND call != '' AND prompt_id != '',
                'wait', concat('decided:', call), prompt_id, never, time, '', known)
        ]) AS parts
    SELECT
        *,
        is_command,
        is_absorbed,
        arrayJoin(parts) AS part,
        multiIf(
            name IN ('api_error', 'turn_failed'), 'failure',
            name IN ('turn_interrupted', 'turn_quiet'), 'interrupted',
            name = 'turn_ended', 'success',
            name = 'permission_denied' AND part.2 = 'wait', 'denied',
            '') AS said,
        multiIf(name = 'api_error', attributes['error'], name = 'turn_failed', attributes['error.type'], '') AS error
    FROM ${database}.agent_logs
) AS parts_of;

-- In which place was a session of a prompt when? From the records of hooks.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.places_mv ${on_cluster}
TO ${database}.places_state
AS SELECT toDate(l.time) AS day, session_id, prompt_id, project, branch, revision, [l.time] AS times
FROM ${database}.agent_logs AS l
WHERE source = 3 AND prompt_id != '' AND project != '' AND agent_id = '';

-- While which time did the machine sleep under a session? A row on each day that it touches.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.suspends_mv ${on_cluster}
TO ${database}.suspends_state
AS SELECT arrayJoin(days) AS day, session_id, l.time AS woke, began AS slept
FROM ${database}.agent_logs AS l
WHERE name = 'suspended' AND began < l.time;

-- From spans, as in 0014: with one place, and without the prompts that the client wrote itself.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.sessions_spans_mv ${on_cluster}
TO ${database}.sessions_state
AS WITH
    if(attributes['gen_ai.tool.call.id'] = '', attributes['tool_use_id'], attributes['gen_ai.tool.call.id']) AS call_id,
    startsWith(name, 'execute_tool') OR name IN ('claude_code.tool', 'claude_code.tool.execution') AS is_call,
    prompt_id != '' AND startsWith(name, 'invoke_agent') AND agent_id = '' AS is_turn,
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
    if(is_turn, [sipHash64(prompt_id)], []) AS prompts,
    if(is_call AND call_id != '', [sipHash64(call_id)], []) AS calls,
    if(is_call AND call_id != '' AND (outcome = 'failure' OR attributes['success'] = 'false'), [sipHash64(call_id)], []) AS failures,
    bitShiftLeft(toUInt8(1), source) AS sources,
    CAST([], 'Array(DateTime64(9, \'UTC\'))') AS starts,
    if(is_turn AND attributes['hookline.prompt.source'] = 'task_notification', [sipHash64(prompt_id)], []) AS notices,
    CAST([], 'Array(UInt64)') AS absorbed,
    if(is_call AND call_id != '' AND evidence = 3 AND outcome IN ('interrupted', 'denied'), [sipHash64(call_id)], []) AS stopped,
    is_script,
    (toUInt8(agent_spans.project != ''), agent_spans.source, agent_spans.ended, agent_spans.project, agent_spans.branch, agent_spans.revision) AS place
FROM ${database}.agent_spans;

-- From log records, as in 0014: starts, ends and everything that shows life. What the client says of itself is no work.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.sessions_logs_mv ${on_cluster}
TO ${database}.sessions_state
AS WITH
    multiIf(
        name = 'session.end', 'session_end',
        name = 'process_gone', 'process_gone',
        name = 'session.closed', attributes['hookline.session.end_reason'],
        '') AS how,
    if(attributes['gen_ai.tool.call.id'] = '', attributes['tool_use_id'], attributes['gen_ai.tool.call.id']) AS call_id,
    name = 'suspended' AS is_suspend,
    (value) -> (toUInt8(value != ''), agent_logs.source, agent_logs.time, value) AS known
SELECT
    session_id,
    if((how = '' OR name = 'session.end') AND NOT is_suspend, agent_logs.began, toDateTime64('2200-01-01 00:00:00', 9, 'UTC')) AS started,
    if((how = '' OR name = 'session.end') AND NOT is_suspend, agent_logs.time, toDateTime64(0, 9, 'UTC')) AS last,
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
    if(
        prompt_id != '' AND (name = 'prompt_submitted' OR (name = 'user_prompt' AND attributes['command_source'] != 'builtin')),
        [sipHash64(prompt_id)], []) AS prompts,
    if(call_id = '', [], [sipHash64(call_id)]) AS calls,
    multiIf(
        call_id = '', [],
        name = 'tool_failed' AND attributes['hookline.outcome'] IN ('', 'failure'), [sipHash64(call_id)],
        name = 'tool_result' AND attributes['success'] = 'false', [sipHash64(call_id)],
        []) AS failures,
    bitShiftLeft(toUInt8(1), source) AS sources,
    if(name = 'session.start' AND attributes['hookline.session.start_source'] != 'compact', [agent_logs.time], []) AS starts,
    if(prompt_id != '' AND attributes['hookline.prompt.source'] = 'task_notification', [sipHash64(prompt_id)], []) AS notices,
    if(name = 'prompt_submitted' AND attributes['hookline.prompt.source'] = 'absorbed', [sipHash64(attributes['log.record.uid'])], []) AS absorbed,
    if(
        call_id != '' AND name IN ('permission_denied', 'tool_interrupted') AND attributes['hookline.evidence'] IN ('', 'observed'),
        [sipHash64(call_id)], []) AS stopped,
    is_script,
    (toUInt8(agent_logs.project != ''), agent_logs.source, agent_logs.time, agent_logs.project, agent_logs.branch, agent_logs.revision) AS place
FROM ${database}.agent_logs;

-- Which prompts does a session only repeat? Forks of older clients copied their past with its ids: a prompt belongs to the session that was there
-- when it was written, else to the first by name.
CREATE OR REPLACE VIEW ${database}.copied_prompts_between ${on_cluster}
AS SELECT arrayJoin(arrayFilter(session -> session != owner, sessions)) AS session_id, prompt_id
FROM (
    SELECT
        prompt_id,
        groupUniqArray(p.session_id) AS sessions,
        min((multiIf(k.first_start = 0, 1, k.first_start <= p.began, 0, 2), p.session_id)).2 AS owner
    FROM (
        SELECT session_id, a.prompt_id AS prompt_id, toUnixTimestamp64Nano(min(a.started)) AS began
        FROM ${database}.activity_state AS a
        WHERE source = 1 AND kind = 'turn' AND length(a.prompt_id) >= 20 AND day BETWEEN {since:Date} - 1 AND {until:Date} + 1
        GROUP BY session_id, prompt_id
    ) AS p
    LEFT JOIN (
        SELECT session_id, toUnixTimestamp64Nano(arrayMin(groupUniqArrayArray(s.starts))) AS first_start
        FROM ${database}.sessions_state AS s
        WHERE notEmpty(s.starts)
        GROUP BY session_id
    ) AS k ON k.session_id = p.session_id
    GROUP BY prompt_id
    HAVING length(sessions) > 1
);

-- One row a prompt: from its submission to the end of its turn. Each end and outcome comes from the best evidence (observed, derived, inferred; then
-- hook, the agent's own telemetry, transcript; then the later), the start from the best source. is_open while no end is known: ended is then the
-- last sign of life. The agent's own turn whose prompt nobody named counts only where no hook saw the session.
-- absorbed_prompts is how many more prompts a person typed ahead that this turn took in.
-- The best is found by one number, which is five times as fast as a tuple. `ending` is read whole: FINAL merges what it reads, and a part of a
-- tuple that is read on its own is merged by itself.
CREATE OR REPLACE VIEW ${database}.turns_between ${on_cluster}
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
CREATE OR REPLACE VIEW ${database}.turns ${on_cluster}
AS SELECT * FROM ${database}.turns_between(since = '1970-01-02', until = '2149-06-05');

-- One row a session, as in 0014; project, branch and revision are one place, prompts are a person's (those that the client wrote itself are none,
-- those that a running turn took in count), and a call that was stopped or denied did not fail.
CREATE OR REPLACE VIEW ${database}.sessions_known ${on_cluster}
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
    max(s.place).4 AS project,
    max(s.place).5 AS branch,
    max(s.model).4 AS model,
    min(s.started) AS started,
    max(s.last) AS last,
    if(empty(valid_ends), NULL, end.1) AS ended,
    end.2 AS ended_how,
    end.3 AS end_reason,
    max(s.start_source).3 AS start_source,
    max(s.previous_id) AS previous_id,
    arrayCount(prompt -> NOT has(groupUniqArrayArray(s.notices), prompt), groupUniqArrayArray(s.prompts))
        + length(groupUniqArrayArray(s.absorbed)) AS prompts,
    length(groupUniqArrayArray(s.calls)) AS calls,
    arrayCount(call -> NOT has(groupUniqArrayArray(s.stopped), call), groupUniqArrayArray(s.failures)) AS failures,
    arrayFilter(
        word -> word != '',
        [if(bitTest(groupBitOr(s.sources), 3), 'hook', ''), if(bitTest(groupBitOr(s.sources), 2), 'native', ''),
         if(bitTest(groupBitOr(s.sources), 1), 'transcript', '')]) AS sources,
    multiIf(end.2 = '', '', end.2 IN ('session_end', 'superseded'), 'observed', end.2 = 'process_gone', 'derived', 'inferred') AS evidence,
    max(s.is_script) AS is_script
FROM ${database}.sessions_state AS s
GROUP BY session_id
HAVING max(s.last) > 0;

-- The same with what each session's requests took, as in 0014.
CREATE OR REPLACE VIEW ${database}.sessions ${on_cluster}
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
