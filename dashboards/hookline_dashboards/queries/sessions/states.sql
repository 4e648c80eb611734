-- What went on in each session: an agent at work, a person, or waiting? A lane for each of the sessions that were heard of last.
SELECT at AS t, lane, state
FROM (
    SELECT
        concat(toString(project), ' ', substring(session_id, 1, 8)) AS lane,
        arrayJoin([(toDateTime(greatest(started, toDateTime64($__fromTime, 9))),
            multiIf(kind = 'agent', 'agent', kind = 'human', 'you', reason = 'prompt', 'waits for a prompt', 'waits for you')),
            (toDateTime(ended), '')]) AS mark,
        mark.1 AS at,
        mark.2 AS state
    FROM activity_between(since = toDate($__fromTime), until = toDate($__toTime))
    WHERE ended > $__fromTime AND started < $__toTime
      AND $__conditionalAll(user IN (${person:singlequote}), $person)
      AND $__conditionalAll(project IN (${project:singlequote}), $project)
      AND $__conditionalAll(session_id IN (SELECT session_id FROM sessions WHERE agent IN (${agent:singlequote})), $agent)
      AND session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime ORDER BY last DESC LIMIT 20)
)
GROUP BY t, lane, state
ORDER BY t, lane, state
LIMIT 5000
