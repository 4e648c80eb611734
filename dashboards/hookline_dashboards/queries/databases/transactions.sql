-- How many transactions a second were committed and rolled back?
WITH
    {{database_of_resource}}
SELECT
    $__timeInterval(time) AS t,
    if(metric = 'postgresql.commits', 'committed', 'rolled back') AS name,
    sumOrNull(increase) / $__interval_s AS amount
FROM sum_values(metrics = ['postgresql.commits', 'postgresql.rollbacks'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE $__conditionalAll(of_database IN (${database:singlequote}), $database)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
