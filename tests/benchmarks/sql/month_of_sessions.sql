-- One person's month of sessions: 30 days of 20.
INSERT INTO sessions_state (session_id, started, last, active, user, sources)
SELECT
    lower(hex(MD5(concat('s', toString({person:UInt64} * 600 + number))))),
    toDateTime64('2026-09-01 08:00:00', 9, 'UTC') + toIntervalDay(intDiv(number, 20)) + toIntervalSecond(number % 20 * 1500) AS began,
    began + toIntervalSecond(1440),
    began + toIntervalSecond(1440),
    (1, 3, began, concat('user', toString({person:UInt64}))),
    8
FROM numbers(600)
