-- How many processor cores do services use?
SELECT $__timeInterval(time) AS t, toString(service) AS name, sumOrNull(increase) / $__interval_s AS amount
FROM sum_values(metrics = ['process.cpu.time'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE service IN (SELECT service FROM counting_services(since = $__fromTime, until = $__toTime))
  AND $__conditionalAll(service IN (${service:singlequote}), $service)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
