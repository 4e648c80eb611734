-- How long do calls wait for somebody's permission: the half and 95 of 100?
SELECT
    $__timeInterval(started) AS t,
    quantileOrNull(0.5)(wait_s) AS p50,
    quantileOrNull(0.95)(wait_s) AS p95,
    toNullable(count()) AS waits
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
  AND wait_s > 0
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
