-- Which tools were called in the range?
SELECT DISTINCT toString(tool) AS name
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE tool != ''
ORDER BY name
