-- Which sessions used most processor time, memory and disk?
WITH
    ['process.cpu.time', 'process.memory.usage', 'process.disk.io'] AS of_metrics,
    {{sums_told_from}}
SELECT
    session_id AS session,
    any(project) AS place,
    sumIf(increase, metric = 'process.cpu.time') AS processor,
    maxIf(most, metric = 'process.memory.usage') AS `most memory`,
    sumIf(increase, metric = 'process.disk.io' AND direction = 'read') AS read,
    sumIf(increase, metric = 'process.disk.io' AND direction = 'write') AS written
FROM (
    {{sums_of_range}}
)
WHERE session_id != ''
  AND $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
GROUP BY session
ORDER BY processor DESC, session
LIMIT 50
