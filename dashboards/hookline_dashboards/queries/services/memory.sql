-- How much memory do the processes of services hold?
WITH
    ['process.memory.usage'] AS of_metrics,
    {{sums_told_from}}
SELECT $__timeInterval(time) AS t, toString(service) AS name, maxOrNull(most) AS amount
FROM (
    {{levels_of_range}}
)
WHERE service IN (SELECT service FROM counting_services(since = $__fromTime, until = $__toTime))
  AND $__conditionalAll(service IN (${service:singlequote}), $service)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
