-- How many sessions were at work at once, and on what or for what did they wait?
SELECT t, name, toNullable(sessions) AS sessions
FROM (
    SELECT $__timeInterval(minute) AS t, toString(wait_class) AS name, sum(seconds) / $__interval_s AS sessions
    FROM db_classes(since = $__fromTime, until = $__toTime)
    WHERE wait_class NOT IN ('idle_in_transaction', 'sleep')
      AND $__conditionalAll(database IN (${database:singlequote}), $database)
    GROUP BY t, name
    UNION ALL
    SELECT t, 'cores' AS name, sum(of_each) AS sessions
    FROM (
        SELECT $__timeInterval(time) AS t, series, max(last) AS of_each
        FROM gauge_values(metrics = ['hookline.db.cores'], since = $__fromTime, until = $__toTime, step = $__interval_s)
        WHERE $__conditionalAll(resource['hookline.db.name'] IN (${database:singlequote}), $database)
        GROUP BY t, series
    )
    GROUP BY t
)
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
