-- Which databases were looked at in the range?
SELECT DISTINCT toString(database) AS name
FROM db_classes(since = $__fromTime, until = $__toTime)
WHERE database != ''
ORDER BY name
