-- How often did somebody stop an agent, and how often did a turn fail?
SELECT
    toStartOfDay(toTimeZone(toDateTime(started), ${timezone:singlequote})) AS t,
    countIf(outcome = 'interrupted') AS interrupted,
    countIf(outcome = 'failure') AS failed,
    countIf(outcome NOT IN ('interrupted', 'failure')) AS others
FROM turns_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY t
ORDER BY t
