-- How many blocks a second were found in the buffers, and how many read from outside?
WITH
    {{database_of_resource}}
SELECT $__timeInterval(time) AS t, if(metric = 'postgresql.blks_hit', 'found', 'read') AS name, sumOrNull(increase) / $__interval_s AS amount
FROM sum_values(metrics = ['postgresql.blks_hit', 'postgresql.blks_read'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE $__conditionalAll(of_database IN (${database:singlequote}), $database)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
