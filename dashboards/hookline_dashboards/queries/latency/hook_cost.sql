-- What do installed hooks cost an agent, by event? All of an event together, of whole hours as they lie, else (ends, what is new) one by one.
WITH
    (SELECT max(hour) + 3600 FROM db_rollup_hours WHERE what = 'client records') AS rows_from,
    quantilesArray(0.5, 0.95)(told) AS within
SELECT
    toString(name) AS event,
    sum(length(told)) AS times,
    max(most_hooks) AS at_once,
    within[1] AS p50,
    within[2] AS p95,
    sum(total_s) AS total
FROM (
    SELECT session_id, service, name, most_hooks, total_s, seconds AS told
    FROM client_hours FINAL
    PREWHERE what = 'hook_execution_complete' AND hour >= $__fromTime AND hour <= $__toTime - 3600 AND hour < rows_from
    UNION ALL
    SELECT session_id, service, name, hooks, seconds, [seconds]
    FROM client_hours FINAL
    ARRAY JOIN seconds, seconds_in, hooks
    PREWHERE what = 'hook_execution_complete' AND hour > $__fromTime - 3600 AND hour < least($__toTime, rows_from)
      AND (hour < $__fromTime OR hour > $__toTime - 3600)
    WHERE hour + seconds_in >= $__fromTime AND hour + seconds_in < $__toTime
    UNION ALL
    SELECT
        LogAttributes['session.id'], ServiceName, toLowCardinality(LogAttributes['hook_event']), toUInt32OrZero(LogAttributes['num_hooks']),
        toFloat64OrZero(LogAttributes['total_duration_ms']) / 1000 AS took, [took]
    FROM otel_logs
    PREWHERE LogAttributes['event.name'] = 'hook_execution_complete' AND Timestamp >= greatest($__fromTime, rows_from) AND Timestamp < $__toTime
)
{{of_sessions}}
GROUP BY name
ORDER BY total DESC
LIMIT 50
