-- Which services answered requests in the range?
SELECT DISTINCT toString(service) AS name
FROM counting_services(since = $__fromTime, until = $__toTime)
WHERE service != ''
UNION DISTINCT
SELECT DISTINCT service AS name
FROM requests_between(since = toDate($__fromTime), until = toDate($__toTime))
ORDER BY name
