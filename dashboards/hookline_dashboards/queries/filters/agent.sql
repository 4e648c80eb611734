-- Which agents worked in the range?
SELECT DISTINCT toString(agent) AS name
FROM turns_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE agent != ''
ORDER BY name
