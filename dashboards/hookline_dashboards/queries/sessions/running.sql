-- How many sessions had an agent at work in each interval?
SELECT $__timeInterval(started) AS t, toString(project) AS name, uniq(session_id) AS at_work
FROM activity_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE kind = 'agent' AND $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(session_id IN (SELECT session_id FROM sessions WHERE agent IN (${agent:singlequote})), $agent)
GROUP BY t, name
ORDER BY t, name
