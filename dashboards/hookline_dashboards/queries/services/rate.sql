-- How many requests a second did services answer?
SELECT $__timeInterval(time) AS t, toString(service) AS name, sumOrNull(observations) / $__interval_s AS rate
FROM histogram_values(
    metrics = ['http.server.request.duration', 'rpc.server.call.duration'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE $__conditionalAll(service IN (${service:singlequote}), $service)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
