-- One person's month of tool calls: 30 days of 3,000 calls.
INSERT INTO tool_calls_state (day, session_id, call_id, source, tool, user, project, requested, started, ended, run_ms, last)
SELECT
    toDate(began),
    lower(hex(MD5(concat('s', toString({person:UInt64} * 600 + intDiv(number, 150)))))),
    concat('toolu_', lower(hex(sipHash64({person:UInt64}, number)))),
    3,
    ['Bash', 'Read', 'Edit', 'Grep', 'Write'][1 + number % 5],
    concat('user', toString({person:UInt64})),
    'shop',
    began,
    began,
    began + toIntervalMillisecond(number % 5000),
    number % 5000,
    (1, began, if(number % 20 = 0, 'failure', 'success'), '', '')
FROM (
    SELECT number, toDateTime64('2026-09-01 08:00:00', 9, 'UTC') + toIntervalDay(intDiv(number, 3000)) + toIntervalSecond(number % 3000 * 10) AS began
    FROM numbers(90000)
)
