-- Which agents worked in the range?
SELECT DISTINCT toString(agent) AS name
FROM worked_turns FINAL PREWHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime)
WHERE agent != ''
ORDER BY name
