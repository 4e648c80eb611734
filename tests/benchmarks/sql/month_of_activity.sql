-- One person's month of intervals: 30 days, 20 sessions a day, so many prompts a session, so many intervals a prompt.
INSERT INTO activity_state (day, session_id, prompt_id, kind, id, source, started, ended, is_span, last, user, host, project, branch)
SELECT
    toDate(began),
    lower(hex(MD5(concat('s', toString(session))))),
    lower(hex(MD5(concat('p', toString(session), '-', toString(prompt))))),
    multiIf(k = 0, 'turn', k % 3 = 0, 'subagent', 'wait'),
    lower(hex(sipHash64(session, prompt, k))),
    3,
    began + toIntervalMillisecond(if(k = 0, 0, k * 5000 + 100)) AS started,
    began + toIntervalMillisecond(if(k = 0, 60000, k * 5000 + 3100)) AS ended,
    1,
    (ended, 1, 'success', '', ''),
    concat('user', toString({person:UInt64})),
    'laptop',
    concat('project', toString(session % 5)),
    'main'
FROM (
    SELECT
        number % {intervals:UInt64} AS k,
        intDiv(number, {intervals:UInt64}) % {prompts:UInt64} AS prompt,
        intDiv(number, {intervals:UInt64} * {prompts:UInt64}) % 20 AS session_of_day,
        intDiv(number, {intervals:UInt64} * {prompts:UInt64} * 20) AS day_of_month,
        {person:UInt64} * 600 + day_of_month * 20 + session_of_day AS session,
        toDateTime64('2026-09-01 08:00:00', 9, 'UTC') + toIntervalDay(day_of_month)
            + toIntervalSecond(session_of_day * 1500 + prompt * 90 + {person:UInt64}) AS began
    FROM numbers({intervals:UInt64} * {prompts:UInt64} * 20 * 30)
)
