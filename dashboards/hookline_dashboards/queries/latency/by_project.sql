-- In which projects do tool calls take long?
SELECT toString(project) AS name, quantile(0.95)(run_s) AS p95
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY name
ORDER BY p95 DESC
LIMIT 15
