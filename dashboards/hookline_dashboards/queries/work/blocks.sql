-- When was a block of work begun and over, how long was it, and on what? A gap of five minutes ends a block.
SELECT
    started,
    ended,
    toString(user) AS who,
    duration_s AS length,
    human_s AS `you, at least`,
    agent_s AS agents,
    arrayStringConcat(arraySort(arrayFilter(name -> name != '', projects)), ', ') AS on_what,
    length(sessions) AS sessions_in_it
FROM work_blocks_between(idle_s = 300, since = toDate($__fromTime), until = toDate($__toTime))
WHERE ended >= $__fromTime AND started <= $__toTime
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(hasAny(projects, [${project:singlequote}]), $project)
  AND $__conditionalAll(hasAny(sessions, (SELECT groupArray(session_id) FROM sessions WHERE agent IN (${agent:singlequote}))), $agent)
ORDER BY started DESC
LIMIT 500
