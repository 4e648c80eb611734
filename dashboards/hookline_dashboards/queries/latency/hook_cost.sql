-- What do the installed hooks cost an agent, by event? All hooks of an event together, as the agent tells of them.
SELECT
    LogAttributes['hook_event'] AS event,
    count() AS times,
    max(toUInt32OrZero(LogAttributes['num_hooks'])) AS hooks,
    quantile(0.5)(toFloat64OrZero(LogAttributes['total_duration_ms'])) / 1000 AS p50,
    quantile(0.95)(toFloat64OrZero(LogAttributes['total_duration_ms'])) / 1000 AS p95,
    sum(toFloat64OrZero(LogAttributes['total_duration_ms'])) / 1000 AS total
FROM otel_logs
WHERE $__timeFilter(Timestamp) AND LogAttributes['event.name'] = 'hook_execution_complete'
  AND $__conditionalAll(
      LogAttributes['session.id'] IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND user IN (${person:singlequote})), $person)
  AND $__conditionalAll(
      LogAttributes['session.id'] IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND project IN (${project:singlequote})), $project)
  AND $__conditionalAll(ServiceName IN (${agent:singlequote}), $agent)
GROUP BY event
ORDER BY total DESC
LIMIT 50
