SELECT
    *,
    max(if(kind = 'human', to_ms, 0)) OVER before AS you_to,
    max(if(kind = 'agent', to_ms, 0)) OVER before AS agent_to,
    max(if(kind != 'waiting', to_ms, 0)) OVER before AS any_to
FROM (
    SELECT
        user, project, branch, session_id, kind, reason, at_once, day,
        greatest(began_ms, toUnixTimestamp(toDateTime(day, ${timezone:singlequote})) * 1000) AS from_ms,
        least(over_ms, toUnixTimestamp(toDateTime(day + 1, ${timezone:singlequote})) * 1000) AS to_ms
    FROM (
        SELECT
            toString(user) AS user, toString(project) AS project, toString(branch) AS branch, session_id, kind, reason, agents AS at_once,
            greatest(toUnixTimestamp64Milli(started), toUnixTimestamp($__fromTime) * 1000) AS began_ms,
            least(toUnixTimestamp64Milli(ended), toUnixTimestamp($__toTime) * 1000) AS over_ms,
            toDate(fromUnixTimestamp64Milli(began_ms, ${timezone:singlequote})) AS first_day
        FROM activity_between(since = toDate($__fromTime), until = toDate($__toTime))
        WHERE ended > $__fromTime AND started < $__toTime
          AND $__conditionalAll(user IN (${person:singlequote}), $person)
          AND $__conditionalAll(project IN (${project:singlequote}), $project)
          AND $__conditionalAll(session_id IN (SELECT session_id FROM sessions WHERE agent IN (${agent:singlequote})), $agent)
    )
    ARRAY JOIN [first_day, first_day + 1] AS day
    WHERE to_ms > from_ms
)
