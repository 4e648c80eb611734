-- On which projects was work done in the range?
SELECT DISTINCT toString(project) AS name
FROM worked_turns FINAL PREWHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime)
WHERE project != ''
ORDER BY name
