-- On how many calls are days that are not added up yet?
SELECT toUInt16(day) AS of_day, count()
FROM worked_calls
WHERE day BETWEEN {first:Date} AND {last:Date}
GROUP BY of_day
ORDER BY of_day
