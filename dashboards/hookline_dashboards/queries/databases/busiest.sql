-- How many sessions were busy with which statement at once? The seven busiest of the range by name, everything else together.
SELECT
    t,
    if(place <= 7 AND statement_hash != '', concat(text, ' ', substring(statement_hash, 1, 6)), 'others') AS name,
    sumOrNull(busy_s) / $__interval_s AS sessions
FROM (
    SELECT t, statement_hash, text, busy_s, dense_rank() OVER (ORDER BY statement_hash = '', in_all_s DESC, statement_hash) AS place
    FROM (
        SELECT t, statement_hash, busy_s, max(said) OVER of_statement AS text, sum(busy_s) OVER of_statement AS in_all_s
        FROM (
            SELECT
                $__timeInterval(minute) AS t,
                toString(statement_hash) AS statement_hash,
                max(substring(statement, 1, 60)) AS said,
                sum(seconds) AS busy_s
            FROM db_load(since = $__fromTime, until = $__toTime)
            WHERE wait_class NOT IN ('idle_in_transaction', 'sleep')
              AND $__conditionalAll(database IN (${database:singlequote}), $database)
            GROUP BY t, statement_hash
        )
        WINDOW of_statement AS (PARTITION BY statement_hash)
    )
)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
