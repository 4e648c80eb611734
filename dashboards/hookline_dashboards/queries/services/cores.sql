-- How many processor cores do services use?
WITH
    ['process.cpu.time'] AS of_metrics,
    {{sums_told_from}}
SELECT $__timeInterval(time) AS t, toString(service) AS name, sumOrNull(increase) / $__interval_s AS amount
FROM (
    {{sums_of_range}}
)
WHERE service IN (SELECT service FROM counting_services(since = $__fromTime, until = $__toTime))
  AND $__conditionalAll(service IN (${service:singlequote}), $service)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
