-- How long did agents wait for a person on each day, and for what?
WITH
    3 AS of_kind,
    toUnixTimestamp64Nano(now64(9)) AS now_ns
SELECT
    toStartOfDay(toDateTime(intDiv(from_ns, 1000000000), ${timezone:singlequote})) AS t,
    sumIf(to_ns - from_ns, reason = 3) / 3.6e12 AS `a permission`,
    sumIf(to_ns - from_ns, reason = 4) / 3.6e12 AS `an answer`,
    sumIf(to_ns - from_ns, reason = 2) / 3.6e12 AS `a prompt`
FROM (
    {{active_parts}}
)
WHERE to_ns > from_ns AND from_ns >= toUnixTimestamp($__fromTime) * 1000000000 AND from_ns <= toUnixTimestamp($__toTime) * 1000000000
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY t
ORDER BY t
