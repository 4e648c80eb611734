-- What clients told of their own times (TOLD: a view of spans or of records), an hour of a session to a row. What was told twice counts once.
INSERT INTO client_hours
    (what, hour, session_id, service, version, name, times, total_s, most_hooks, began, seconds_in, seconds, first_token_s, call_ids, hooks)
SELECT
    what, of_hour, session_id, service, version, name, length(told), arraySum(told.2), arrayMax(told.5),
    told.1, arrayMap(at -> toUInt16(toUnixTimestamp(at) % 3600), told.1), told.2, told.3, told.4, told.5
FROM (
    SELECT
        what, toStartOfHour(time) AS of_hour, session_id, service, version, name,
        arraySort(groupUniqArray((time, seconds, first_token_s, call_id, hooks))) AS told
    FROM TOLD(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
    GROUP BY what, of_hour, session_id, service, version, name
)
