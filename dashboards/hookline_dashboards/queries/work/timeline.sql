-- When was worked on what? A lane for each person; a block lasts until the next mark, and an empty one stands for nothing.
SELECT at AS t, lane, state
FROM (
    SELECT
        toString(user) AS lane,
        arrayJoin([(toDateTime(started), if(empty(arrayFilter(name -> name != '', projects)), 'no project',
            arrayStringConcat(arraySort(arrayFilter(name -> name != '', projects)), ', '))), (toDateTime(ended), '')]) AS mark,
        mark.1 AS at,
        mark.2 AS state
    FROM work_blocks_between(idle_s = 300, since = toDate($__fromTime), until = toDate($__toTime))
    WHERE ended >= $__fromTime AND started <= $__toTime
      AND $__conditionalAll(user IN (${person:singlequote}), $person)
      AND $__conditionalAll(hasAny(projects, [${project:singlequote}]), $project)
      AND $__conditionalAll(hasAny(sessions, (SELECT groupArray(session_id) FROM sessions WHERE agent IN (${agent:singlequote}))), $agent)
)
ORDER BY t, lane, state
LIMIT 5000
