-- How much was written to the write-ahead log?
WITH
    {{database_of_resource}}
SELECT $__timeInterval(time) AS t, of_database AS name, sumOrNull(increase) / $__interval_s AS amount
FROM sum_values(metrics = ['hookline.db.wal.bytes'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE $__conditionalAll(of_database IN (${database:singlequote}), $database)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
