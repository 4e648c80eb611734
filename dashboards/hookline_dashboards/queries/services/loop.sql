-- For how long at most was the event loop of a service held up?
SELECT $__timeInterval(time) AS t, toString(service) AS name, maxOrNull(most) AS amount
FROM gauge_values(metrics = ['hookline.loop.longest'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE service IN (SELECT service FROM counting_services(since = $__fromTime, until = $__toTime))
  AND $__conditionalAll(service IN (${service:singlequote}), $service)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
