-- What was found, since when, how sure is it, and what is to be done?
SELECT
    started, ended, database AS place, class AS name, share, certainty, summary AS says, next_step AS `next step`
FROM db_verdicts_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE last >= $__fromTime AND started <= $__toTime
  AND $__conditionalAll(database IN (${database:singlequote}), $database)
ORDER BY started DESC
LIMIT 100
