-- How many tool calls took how long? A column for each upper bound in seconds; the last holds what took longer.
SELECT
    $__timeInterval(started) AS t,
    countIf(run_s < 0.01) AS `0.01`,
    countIf(run_s >= 0.01 AND run_s < 0.03) AS `0.03`,
    countIf(run_s >= 0.03 AND run_s < 0.1) AS `0.1`,
    countIf(run_s >= 0.1 AND run_s < 0.3) AS `0.3`,
    countIf(run_s >= 0.3 AND run_s < 1) AS `1`,
    countIf(run_s >= 1 AND run_s < 3) AS `3`,
    countIf(run_s >= 3 AND run_s < 10) AS `10`,
    countIf(run_s >= 10 AND run_s < 30) AS `30`,
    countIf(run_s >= 30 AND run_s < 120) AS `120`,
    countIf(run_s >= 120 AND run_s < 600) AS `600`,
    countIf(run_s >= 600) AS `3600`
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY t
ORDER BY t
