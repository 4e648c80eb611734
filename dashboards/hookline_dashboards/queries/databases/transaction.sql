-- How old was the oldest transaction?
WITH
    {{database_of_resource}}
SELECT $__timeInterval(time) AS t, of_database AS name, maxOrNull(most) AS amount
FROM gauge_values(metrics = ['hookline.db.transaction.oldest'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE $__conditionalAll(of_database IN (${database:singlequote}), $database)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
