-- As which versions were days added up, and which of them have rows that were not taken away?
SELECT toUInt16(day) AS of_day, groupUniqArray(version) AS versions, groupUniqArrayIf(version, gone = 0) AS with_rows
FROM worked_days
WHERE grain < 19 AND day BETWEEN {first:Date} AND {last:Date}
GROUP BY of_day
