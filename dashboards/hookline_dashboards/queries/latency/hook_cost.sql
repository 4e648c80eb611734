-- What do the installed hooks cost an agent, by event? All hooks of an event together, as the agent tells of them.
SELECT
    toString(name) AS event,
    count() AS times,
    max(hooks) AS at_once,
    quantile(0.5)(seconds) AS p50,
    quantile(0.95)(seconds) AS p95,
    sum(seconds) AS total
FROM client_hooks_between(since = $__fromTime, until = $__toTime)
WHERE $__conditionalAll(
      session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND user IN (${person:singlequote})), $person)
  AND $__conditionalAll(
      session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND project IN (${project:singlequote})), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
GROUP BY event
ORDER BY total DESC
LIMIT 50
