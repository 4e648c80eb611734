-- What was the bottleneck when? A lane for each database; an incident lasts until the next mark, and an empty one stands for nothing.
SELECT at AS t, lane, state
FROM (
    SELECT database AS lane, arrayJoin([(toDateTime(started), class), (toDateTime(last), '')]) AS mark, mark.1 AS at, mark.2 AS state
    FROM db_verdicts_between(since = toDate($__fromTime), until = toDate($__toTime))
    WHERE last >= $__fromTime AND started <= $__toTime
      AND $__conditionalAll(database IN (${database:singlequote}), $database)
)
ORDER BY t, lane, state
LIMIT 5000
