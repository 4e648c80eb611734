-- Which tools were called in the range?
SELECT DISTINCT toString(tool) AS name
FROM worked_calls FINAL PREWHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime)
WHERE tool != ''
ORDER BY name
