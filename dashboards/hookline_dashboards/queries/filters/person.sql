-- Which people worked in the range?
SELECT DISTINCT toString(user) AS person
FROM worked_turns FINAL PREWHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime)
WHERE user != ''
ORDER BY person
