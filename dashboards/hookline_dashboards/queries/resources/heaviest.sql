-- Which sessions used most processor time, memory and disk?
SELECT
    session_id AS session,
    any(project) AS place,
    sumIf(increase, metric = 'process.cpu.time') AS processor,
    maxIf(most, metric = 'process.memory.usage') AS `most memory`,
    sumIf(increase, metric = 'process.disk.io' AND direction = 'read') AS read,
    sumIf(increase, metric = 'process.disk.io' AND direction = 'write') AS written
FROM sum_values(
    metrics = ['process.cpu.time', 'process.memory.usage', 'process.disk.io'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE session_id != ''
  AND $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
GROUP BY session
ORDER BY processor DESC
LIMIT 50
