-- Which sessions held others up, and what did they do?
SELECT
    min(time) AS started,
    database AS place,
    root_pid AS process,
    max(waiting) AS waiters,
    max(longest_s) AS `longest wait`,
    JSONExtractString(argMax(tree, waiting), 1, 'state') AS state,
    JSONExtractString(argMax(tree, waiting), 1, 'application') AS who,
    JSONExtractString(argMax(tree, waiting), 1, 'summary') AS name
FROM db_locks_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(time)
  AND $__conditionalAll(database IN (${database:singlequote}), $database)
GROUP BY database, incident, root_pid
ORDER BY `longest wait` DESC
LIMIT 100
