-- Which models were asked in the range?
SELECT DISTINCT toString(model) AS name
FROM usage_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE model != ''
ORDER BY name
