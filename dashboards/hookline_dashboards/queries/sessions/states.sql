-- What went on in each session: an agent at work, a person, or waiting? A lane for each of the sessions that were heard of last.
WITH
    toUnixTimestamp64Nano(now64(9)) AS now_ns,
    toInt64(toUnixTimestamp($__fromTime)) * 1000000000 AS range_from,
    toInt64(toUnixTimestamp($__toTime)) * 1000000000 AS range_to,
    newest AS (
        SELECT session_id FROM worked_sessions FINAL WHERE last_ns > 0 AND last_ns >= range_from AND started_ns <= range_to
          AND $__conditionalAll(model IN (${model:singlequote}), $model)
        ORDER BY last_ns DESC LIMIT 20)
SELECT at AS t, lane, state
FROM (
    SELECT
        concat(toString(project), ' ', substring(session_id, 1, 8)) AS lane,
        arrayJoin([(toDateTime(intDiv(greatest(from_ns, range_from), 1000000000), 'UTC'),
            multiIf(kind = 1, 'agent', kind = 2, 'you', reason = 2, 'waits for a prompt', 'waits for you')),
            (toDateTime(intDiv(to_ns, 1000000000), 'UTC'), '')]) AS mark,
        mark.1 AS at,
        mark.2 AS state
    FROM (
        SELECT user, project, agent, session_id, kind, reason, from_ns, to_ns
        FROM worked_parts FINAL
        PREWHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime) AND session_id IN newest AND kind < 4
        UNION ALL
        SELECT
            user, project, agent, session_id, kind, reason,
            greatest(from_ns, toInt64(toUnixTimestamp(toStartOfDay($__fromTime, 'UTC'))) * 1000000000) AS begun_ns,
            least(
                to_ns, toInt64(toUnixTimestamp(toStartOfDay($__toTime, 'UTC')) + 86400) * 1000000000,
                multiIf(sure_end_ns > 0, least(sure_end_ns, now_ns), now_ns - heard_ns <= 3600000000000, now_ns, 0)) AS ended_ns
        FROM worked_running FINAL
        WHERE kind < 4 AND session_id IN newest AND ended_ns > begun_ns
    )
    WHERE to_ns > range_from AND from_ns < range_to
      AND $__conditionalAll(user IN (${person:singlequote}), $person)
      AND $__conditionalAll(project IN (${project:singlequote}), $project)
      AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
)
GROUP BY t, lane, state
ORDER BY t, lane, state
LIMIT 5000
