-- How many sessions were busy with which statement at once?
SELECT $__timeInterval(minute) AS t, name, sum(seconds) / $__interval_s AS sessions
FROM (
    SELECT
        minute, seconds,
        if(statement_hash IN (
            SELECT statement_hash
            FROM db_load(since = $__fromTime, until = $__toTime)
            WHERE statement_hash != '' AND wait_class NOT IN ('idle_in_transaction', 'sleep')
              AND $__conditionalAll(database IN (${database:singlequote}), $database)
            GROUP BY statement_hash
            ORDER BY sum(seconds) DESC
            LIMIT 7), concat(substring(statement, 1, 60), ' ', substring(statement_hash, 1, 6)), 'others') AS name
    FROM db_load(since = $__fromTime, until = $__toTime)
    WHERE wait_class NOT IN ('idle_in_transaction', 'sleep')
      AND $__conditionalAll(database IN (${database:singlequote}), $database)
)
GROUP BY t, name
ORDER BY t, name
