-- Which statements took most time, by PostgreSQL's own counters?
SELECT
    if(any(summary) != '', any(summary), substring(any(statement), 1, 120)) AS name,
    toString(database) AS place,
    sum(calls) AS called,
    sum(exec_s) AS total,
    total / called AS mean,
    if(sum(exec_squares) > 0, sqrt(greatest(sum(exec_squares) / called - pow(mean, 2), 0)), NULL) AS deviation,
    sum(rows) AS result,
    sum(blocks_read) AS `blocks read`,
    sum(temp_blocks_written) AS `temp blocks`,
    toString(statement_hash) AS statement
FROM db_statement_hours(since = toStartOfHour($__fromTime), until = $__toTime)
WHERE statement_hash != ''
  AND $__conditionalAll(database IN (${database:singlequote}), $database)
GROUP BY database, statement_hash
HAVING called > 0
ORDER BY total DESC
LIMIT 100
