-- How long did agents wait for a person on each day, and for what?
SELECT
    toStartOfDay(toTimeZone(toDateTime(started), ${timezone:singlequote})) AS t,
    sumIf(toUnixTimestamp64Milli(ended) - toUnixTimestamp64Milli(started), reason = 'permission') / 3600000 AS `a permission`,
    sumIf(toUnixTimestamp64Milli(ended) - toUnixTimestamp64Milli(started), reason = 'answer') / 3600000 AS `an answer`,
    sumIf(toUnixTimestamp64Milli(ended) - toUnixTimestamp64Milli(started), reason = 'prompt') / 3600000 AS `a prompt`
FROM activity_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE kind = 'waiting' AND $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(session_id IN (SELECT session_id FROM sessions WHERE agent IN (${agent:singlequote})), $agent)
GROUP BY t
ORDER BY t
