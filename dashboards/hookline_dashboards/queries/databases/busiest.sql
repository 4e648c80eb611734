-- How many sessions were busy with which statement at once? The seven busiest of the range by name, everything else together.
WITH
    (
        SELECT least(maxIf(hour + seconds, what = 'samples'), maxIf(hour + seconds, what = 'classes'), maxIf(hour + seconds, what = 'busy'))
        FROM db_rollup_hours
        WHERE what IN ('samples', 'classes', 'busy')
    ) AS worked_until,
    least(worked_until, $__toTime) AS rows_from,
    toStartOfHour($__fromTime + 3599, 'UTC') AS first_hour,
    toStartOfHour(rows_from, 'UTC') AS last_hour,
    (
        SELECT groupArray(statement_hash)
        FROM (
            SELECT statement_hash
            FROM (
                SELECT statement_hash, seconds
                FROM db_load_1h FINAL
                PREWHERE hour >= first_hour AND hour < last_hour AND wait_class NOT IN ('idle_in_transaction', 'sleep')
                WHERE $__conditionalAll(database IN (${database:singlequote}), $database)
                UNION ALL
                SELECT statement_hash, seconds
                FROM db_load_1m FINAL
                PREWHERE minute >= $__fromTime AND minute < rows_from AND (minute < first_hour OR minute >= last_hour)
                    AND wait_class NOT IN ('idle_in_transaction', 'sleep')
                WHERE $__conditionalAll(database IN (${database:singlequote}), $database)
                UNION ALL
                SELECT statement_hash, seconds
                {{busy_samples}}
            )
            WHERE statement_hash != ''
            GROUP BY statement_hash
            ORDER BY sum(seconds) DESC, statement_hash
            LIMIT 7
        )
    ) AS busiest
SELECT t, name, sumOrNull(busy_s) / $__interval_s AS sessions
FROM (
    SELECT
        t,
        if(of_hash = '', 'others', concat(max(said) OVER (PARTITION BY of_hash), ' ', substring(of_hash, 1, 6))) AS name,
        if(of_hash = '', round(sum(in_all_s) OVER (PARTITION BY t) - sum(named_s) OVER (PARTITION BY t), 6), named_s) AS busy_s
    FROM (
        SELECT
            $__timeInterval(minute) AS t,
            toString(hash) AS of_hash,
            max(substring(statement, 1, 60)) AS said,
            sum(named) AS named_s,
            sum(in_all) AS in_all_s
        FROM (
            SELECT minute, statement_hash AS hash, statement, seconds AS named, 0. AS in_all
            FROM db_busy_1m FINAL
            PREWHERE statement_hash IN (SELECT arrayJoin(busiest)) AND minute >= $__fromTime AND minute < rows_from
            WHERE $__conditionalAll(database IN (${database:singlequote}), $database)
            UNION ALL
            SELECT minute, '', '', 0., seconds
            FROM db_classes_1m FINAL
            PREWHERE minute >= $__fromTime AND minute < rows_from AND wait_class NOT IN ('idle_in_transaction', 'sleep')
            WHERE $__conditionalAll(database IN (${database:singlequote}), $database)
            UNION ALL
            SELECT
                toStartOfMinute(toDateTime(time, 'UTC')), if(has(busiest, statement_hash), statement_hash, '') AS hash, statement,
                if(hash = '', 0., seconds), seconds
            {{busy_samples}}
        )
        GROUP BY t, of_hash
    )
)
WHERE name != 'others' OR busy_s > 0
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
