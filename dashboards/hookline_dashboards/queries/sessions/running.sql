-- How many sessions had an agent at work in each interval? Of days that are over by their hours, else stretch by stretch.
WITH
    $__interval_s % 3600 = 0 AS is_by_hours,
    toUnixTimestamp64Nano(now64(9)) AS now_ns,
    {{known_days}}
SELECT $__timeInterval(fromUnixTimestamp64Nano(from_ns, 'UTC')) AS t, toString(project) AS name, uniqExactArray(sessions) AS at_work
FROM (
    SELECT user, project, agent, sessions, at_ns AS from_ns
    FROM worked_days FINAL
    PREWHERE
        {{is_added_up}}
        AND grain = 10
    UNION ALL
    SELECT user, project, agent, [sipHash64(session_id)], from_ns
    FROM worked_parts FINAL
    PREWHERE
        kind = 1 AND day BETWEEN toDate($__fromTime) AND toDate($__toTime)
        AND NOT (
            {{is_added_up}}
        )
    UNION ALL
    SELECT
        user, project, agent, [sipHash64(session_id)],
        greatest(from_ns, toInt64(toUnixTimestamp(toStartOfDay($__fromTime, 'UTC'))) * 1000000000) AS begun_ns
    FROM worked_running FINAL
    WHERE kind = 1 AND begun_ns < least(
        to_ns, toInt64(toUnixTimestamp(toStartOfDay($__toTime, 'UTC')) + 86400) * 1000000000,
        multiIf(sure_end_ns > 0, least(sure_end_ns, now_ns), now_ns - heard_ns <= 3600000000000, now_ns, 0))
)
WHERE from_ns >= toInt64(toUnixTimestamp($__fromTime)) * 1000000000 AND from_ns <= toInt64(toUnixTimestamp($__toTime)) * 1000000000
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY t, project
ORDER BY t, name
