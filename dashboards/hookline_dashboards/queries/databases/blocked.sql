-- How many sessions waited for a lock of another one, at most?
WITH
    {{database_of_resource}}
SELECT $__timeInterval(time) AS t, of_database AS name, maxOrNull(most) AS sessions
FROM gauge_values(metrics = ['hookline.db.blocked.sessions'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE $__conditionalAll(name IN (${database:singlequote}), $database)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
