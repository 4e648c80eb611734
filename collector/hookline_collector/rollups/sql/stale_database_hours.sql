-- Hours of a day that have more rows than they were worked out from.
SELECT toUnixTimestamp(h.hour) AS hour, h.points AS points
FROM (
    SELECT toDateTime(toStartOfHour({moment:Identifier}, 'UTC'), 'UTC') AS hour, count() AS points
    FROM {source:Identifier}
    WHERE toDate({moment:Identifier}, 'UTC') = {day:Date}
    GROUP BY hour
) AS h
LEFT JOIN (SELECT hour, points FROM db_rollup_hours FINAL WHERE what = {what:String} AND toDate(hour) = {day:Date}) AS d ON d.hour = h.hour
WHERE h.points > d.points
ORDER BY hour
