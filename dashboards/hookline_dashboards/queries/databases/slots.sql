-- How much of the log did replication slots keep?
WITH
    {{database_of_resource}}
SELECT $__timeInterval(time) AS t, concat(of_database, ' ', attributes['hookline.db.slot.name']) AS name, maxOrNull(most) AS amount
FROM gauge_values(metrics = ['hookline.db.slot.retained'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE $__conditionalAll(of_database IN (${database:singlequote}), $database)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
