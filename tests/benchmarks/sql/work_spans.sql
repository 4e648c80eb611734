-- The spans of one person's work, as the views that derive everything get them: of {days} days from {first_day}, {sessions} sessions a day,
-- {prompts} prompts a session, {calls} calls a prompt. Every tenth call waited for a permission, every third turn had a subagent.
INSERT INTO agent_spans (
    session_id, prompt_id, source, span_id, name, started, ended, days, agent, user, host, project, branch, revision, agent_id, model,
    outcome, closed_by, error_type, attributes, evidence, teller, is_script)
SELECT
    session_id,
    prompt_id,
    3 AS source,
    lower(hex(sipHash64(session_id, number, kind))) AS span_id,
    multiIf(kind = 'turn', 'invoke_agent claude-code', kind = 'subagent', 'invoke_agent Explore', kind = 'wait', concat('wait_permission ', tool), concat('execute_tool ', tool)) AS name,
    multiIf(kind = 'turn', prompted, kind = 'wait', subtractMilliseconds(began, 900), began) AS started,
    multiIf(kind = 'turn', addMilliseconds(prompted, toInt64(turn_ms * 0.9)), kind = 'wait', began, addMilliseconds(began, run_ms)) AS ended,
    arrayMap(n -> toDate(started) + n, range(0, toUInt16(1 + dateDiff('day', started, ended)))) AS days,
    'claude-code' AS agent,
    {user:String} AS user,
    'laptop' AS host,
    concat('project', toString(session % 5)) AS project,
    if(session % 3 = 0, 'main', concat('branch', toString(session % 50))) AS branch,
    lower(hex(sipHash64(session))) AS revision,
    if(kind = 'subagent', lower(hex(sipHash64(session_id, number))), '') AS agent_id,
    'claude-opus-5' AS model,
    if(kind = 'call' AND number % 20 = 0, 'failure', 'success') AS outcome,
    '' AS closed_by,
    '' AS error_type,
    map(
        'gen_ai.tool.name', if(kind IN ('call', 'wait'), tool, ''),
        'gen_ai.tool.call.id', if(kind IN ('call', 'wait'), call_id, ''),
        'hookline.tool.run_ms', if(kind = 'call', toString(run_ms), ''),
        'hookline.tool.process_cpu_ms', if(kind = 'call' AND tool = 'Bash', toString(intDiv(run_ms, 3)), ''),
        'file.extension', if(kind = 'call' AND tool IN ('Read', 'Edit', 'Write'), ['py', 'ts', 'sql', 'md'][1 + intDiv(number, 5) % 4], ''),
        'hookline.wait.reason', if(kind = 'wait', 'permission', ''),
        'hookline.prompt.source', if(kind = 'turn', 'user', '')) AS attributes,
    3 AS evidence,
    5 AS teller,
    0 AS is_script
FROM (
    SELECT
        number,
        number % {calls:UInt64} AS n,
        intDiv(number, {calls:UInt64}) % {prompts:UInt64} AS prompt,
        intDiv(number, {calls:UInt64} * {prompts:UInt64}) AS session,
        lower(hex(MD5(concat({user:String}, ' ', {first_day:String}, ' ', toString(session))))) AS session_id,
        lower(hex(MD5(concat(session_id, ' ', toString(prompt))))) AS prompt_id,
        concat('toolu_', lower(hex(sipHash64(session_id, prompt, n)))) AS call_id,
        ['Bash', 'Read', 'Edit', 'Grep', 'Write'][1 + number % 5] AS tool,
        32400000 / {sessions:UInt64} / {prompts:UInt64} AS turn_ms,
        toInt64(least(turn_ms / {calls:UInt64} * 0.5, 100 + sipHash64(number) % 4000)) AS run_ms,
        addMilliseconds(
            toDateTime64({first_day:String}, 9, 'UTC') + toIntervalDay(intDiv(session, {sessions:UInt64})) + toIntervalHour(8),
            toInt64((session % {sessions:UInt64} * {prompts:UInt64} + prompt) * turn_ms)) AS prompted,
        addMilliseconds(prompted, toInt64((n + 0.5) * turn_ms * 0.8 / {calls:UInt64})) AS began,
        arrayConcat(
            ['call'],
            if(n = 0, ['turn'], []),
            if(number % 10 = 3, ['wait'], []),
            if(n = 1 AND prompt % 3 = 0, ['subagent'], [])) AS kinds
    FROM numbers({days:UInt64} * {sessions:UInt64} * {prompts:UInt64} * {calls:UInt64})
)
ARRAY JOIN kinds AS kind
