-- Which people worked in the range?
SELECT DISTINCT toString(user) AS person
FROM turns_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE user != ''
ORDER BY person
