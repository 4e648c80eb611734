-- How much memory do the agents and all that they started hold, by project?
WITH
    ['process.memory.usage'] AS of_metrics,
    {{sums_told_from}}
SELECT t, name, sumOrNull(held) AS bytes
FROM (
    SELECT $__timeInterval(time) AS t, project AS name, series, max(most) AS held
    FROM (
        {{sums_of_range}}
    )
    WHERE session_id != ''
      AND $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
      AND $__conditionalAll(project IN (${project:singlequote}), $project)
      AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
    GROUP BY t, name, series
)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
