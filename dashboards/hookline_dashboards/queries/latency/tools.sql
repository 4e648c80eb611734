-- How long do tool calls take: the half, 95 and 99 of 100 are done within?
SELECT
    $__timeInterval(started) AS t,
    quantileOrNull(0.5)(run_s) AS p50,
    quantileOrNull(0.95)(run_s) AS p95,
    quantileOrNull(0.99)(run_s) AS p99
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
