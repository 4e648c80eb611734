-- Days of a table that have more rows than were worked out, or an hour of which only a part was.
SELECT toString(p.day) AS day
FROM (
    SELECT toDateOrZero(partition) AS day, sum(rows) AS points
    FROM system.parts
    WHERE database = currentDatabase() AND active AND table = {source:String}
    GROUP BY day
) AS p
LEFT JOIN (
    SELECT toDate(hour) AS day, sum(points) AS points, min(seconds) < 3600 AS has_parts
    FROM db_rollup_hours FINAL
    WHERE what = {what:String}
    GROUP BY day
) AS d ON d.day = p.day
WHERE p.day > '2020-01-01' AND p.day < '2040-01-01' AND (p.points > d.points OR d.has_parts)
ORDER BY day
