-- How much do the agents and all that they started read from and write to disks?
WITH
    ['process.disk.io'] AS of_metrics,
    {{sums_told_from}}
SELECT
    $__timeInterval(time) AS t,
    toNullable(sumIf(increase, direction = 'read')) / $__interval_s AS read,
    toNullable(sumIf(increase, direction = 'write')) / $__interval_s AS written
FROM (
    {{sums_of_range}}
)
WHERE session_id != ''
  AND $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
