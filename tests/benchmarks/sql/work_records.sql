-- The log records of the same work: of each prompt its beginning and its end, of each session the same, and of every {calls_a_request} calls a request
-- to the model with its tokens.
INSERT INTO agent_logs (
    session_id, prompt_id, source, span_id, name, began, time, days, agent, user, host, project, branch, revision, agent_id, model,
    attributes, teller, is_script)
SELECT
    session_id,
    if(startsWith(kind, 'session'), '', prompt_id) AS prompt_id,
    3 AS source,
    '' AS span_id,
    kind AS name,
    at AS began,
    at AS time,
    [toDate(at)] AS days,
    'claude-code' AS agent,
    {user:String} AS user,
    'laptop' AS host,
    concat('project', toString(session % 5)) AS project,
    if(session % 3 = 0, 'main', concat('branch', toString(session % 50))) AS branch,
    lower(hex(sipHash64(session))) AS revision,
    '' AS agent_id,
    'claude-opus-5' AS model,
    map(
        'log.record.uid', lower(hex(sipHash64(session_id, number, kind))),
        'hookline.prompt.source', if(kind = 'prompt_submitted', 'user', ''),
        'hookline.prompt.length', if(kind = 'prompt_submitted', '120', ''),
        'hookline.session.start_source', if(kind = 'session.start', 'startup', ''),
        'hookline.session.end_reason', if(kind = 'session.end', 'prompt_input_exit', ''),
        'hookline.request.id', if(kind = 'usage', concat('req_', lower(hex(sipHash64(session_id, number)))), ''),
        'gen_ai.usage.input_tokens', if(kind = 'usage', toString(5000 + number % 900), ''),
        'gen_ai.usage.output_tokens', if(kind = 'usage', toString(300 + number % 500), ''),
        'gen_ai.usage.cache_read.input_tokens', if(kind = 'usage', '4000', '')) AS attributes,
    if(kind = 'usage', 3, 5) AS teller,
    0 AS is_script
FROM (
    SELECT
        number,
        number % {calls:UInt64} AS n,
        intDiv(number, {calls:UInt64}) % {prompts:UInt64} AS prompt,
        intDiv(number, {calls:UInt64} * {prompts:UInt64}) AS session,
        lower(hex(MD5(concat({user:String}, ' ', {first_day:String}, ' ', toString(session))))) AS session_id,
        lower(hex(MD5(concat(session_id, ' ', toString(prompt))))) AS prompt_id,
        32400000 / {sessions:UInt64} / {prompts:UInt64} AS turn_ms,
        addMilliseconds(
            toDateTime64({first_day:String}, 9, 'UTC') + toIntervalDay(intDiv(session, {sessions:UInt64})) + toIntervalHour(8),
            toInt64((session % {sessions:UInt64} * {prompts:UInt64} + prompt) * turn_ms)) AS prompted,
        addMilliseconds(prompted, toInt64((n + 0.4) * turn_ms * 0.8 / {calls:UInt64})) AS asked,
        addMilliseconds(prompted, toInt64(turn_ms * 0.9)) AS answered,
        arrayConcat(
            if(n = 0, [('prompt_submitted', prompted), ('turn_ended', answered)], []),
            if(n = 0 AND prompt = 0, [('session.start', subtractMilliseconds(prompted, 500))], []),
            if(n = 0 AND prompt = {prompts:UInt64} - 1, [('session.end', addMilliseconds(answered, 500))], []),
            if(number % {calls_a_request:UInt64} = 0, [('usage', asked)], [])) AS records
    FROM numbers({days:UInt64} * {sessions:UInt64} * {prompts:UInt64} * {calls:UInt64})
)
ARRAY JOIN records AS record
ARRAY JOIN [record.1] AS kind, [record.2] AS at
