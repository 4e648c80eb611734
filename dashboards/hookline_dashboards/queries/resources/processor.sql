-- How many processor cores do the agents and all that they started use, by project?
WITH
    ['process.cpu.time'] AS of_metrics,
    {{sums_told_from}}
SELECT $__timeInterval(time) AS t, project AS name, sumOrNull(increase) / $__interval_s AS cores
FROM (
    {{sums_of_range}}
)
WHERE session_id != ''
  AND $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
