-- Which sessions used most processor time, memory and disk?
SELECT
    attributes['session.id'] AS session,
    any(attributes['hookline.project.name']) AS place,
    sumIf(increase, metric = 'process.cpu.time') AS processor,
    maxIf(most, metric = 'process.memory.usage') AS `most memory`,
    sumIf(increase, metric = 'process.disk.io' AND attributes['disk.io.direction'] = 'read') AS read,
    sumIf(increase, metric = 'process.disk.io' AND attributes['disk.io.direction'] = 'write') AS written
FROM sum_values(
    metrics = ['process.cpu.time', 'process.memory.usage', 'process.disk.io'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE attributes['session.id'] != ''
  AND $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
  AND $__conditionalAll(attributes['hookline.project.name'] IN (${project:singlequote}), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
GROUP BY session
ORDER BY processor DESC
LIMIT 50
