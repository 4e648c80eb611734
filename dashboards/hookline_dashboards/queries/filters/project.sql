-- On which projects was work done in the range?
SELECT DISTINCT toString(project) AS name
FROM turns_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE project != ''
ORDER BY name
