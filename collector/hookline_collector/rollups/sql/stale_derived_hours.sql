-- Hours that were worked out of more rows, or to a later second, than what is worked out of them in turn.
SELECT
    toUnixTimestamp(s.hour) AS hour,
    d.points AS known,
    d.seconds AS known_s,
    s.points AS points,
    s.seconds AS until_s
FROM (SELECT hour, points, seconds FROM db_rollup_hours FINAL WHERE what = {source:String} AND seconds >= {least_s:UInt16}) AS s
LEFT JOIN (SELECT hour, points, seconds FROM db_rollup_hours FINAL WHERE what = {what:String}) AS d ON d.hour = s.hour
WHERE s.points > d.points OR s.seconds > d.seconds
ORDER BY hour
