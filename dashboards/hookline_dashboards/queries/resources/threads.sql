-- How many threads do the agents and all that they started have?
WITH
    ['process.thread.count'] AS of_metrics,
    {{sums_told_from}}
SELECT t, sumOrNull(held) AS threads
FROM (
    SELECT $__timeInterval(time) AS t, series, max(most) AS held
    FROM (
        {{sums_of_range}}
    )
    WHERE session_id != ''
      AND $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
      AND $__conditionalAll(project IN (${project:singlequote}), $project)
      AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
    GROUP BY t, series
)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
