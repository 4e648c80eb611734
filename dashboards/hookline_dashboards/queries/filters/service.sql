-- Which services answered requests in the range?
SELECT DISTINCT toString(service) AS name
FROM metric_values(
    metrics = ['http.server.request.duration', 'rpc.server.call.duration'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE service != ''
UNION DISTINCT
SELECT DISTINCT service AS name
FROM requests_between(since = toDate($__fromTime), until = toDate($__toTime))
ORDER BY name
