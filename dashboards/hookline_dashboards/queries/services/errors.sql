-- Which share of the requests failed by the service's fault?
SELECT $__timeInterval(time) AS t, toString(service) AS name, sumIf(observations, attributes['error.type'] != '') / sumOrNull(observations) AS share
FROM histogram_values(
    metrics = ['http.server.request.duration', 'rpc.server.call.duration'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE $__conditionalAll(service IN (${service:singlequote}), $service)
GROUP BY t, name
HAVING sum(observations) > 0
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
