-- Hours that were worked out of more rows than what is worked out of them in turn.
SELECT toUnixTimestamp(s.hour) AS hour, s.points AS points
FROM (SELECT hour, points FROM db_rollup_hours FINAL WHERE what = {source:String}) AS s
LEFT JOIN (SELECT hour, points FROM db_rollup_hours FINAL WHERE what = {what:String}) AS d ON d.hour = s.hour
WHERE s.points > d.points
ORDER BY hour
