-- Which models were asked in the range?
SELECT DISTINCT toString(model) AS name
FROM worked_requests FINAL PREWHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime)
WHERE model != ''
ORDER BY name
