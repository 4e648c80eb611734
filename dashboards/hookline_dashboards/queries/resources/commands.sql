-- Which calls' commands used most processor time, and what did the session's processes hold, read and write meanwhile?
WITH
    if($__interval_s >= 3600, 3600, 60) AS width,
    moment -> intDiv(toUnixTimestamp(moment), width) AS slot,
    slot(s.time) BETWEEN slot(c.requested) AND slot(c.ended) AS is_meanwhile,
    top AS (
        SELECT session_id, call_id, requested, started, ended, project, agent, tool, tool_kind, run_s, process_cpu_s, process_cpu_shared
        FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
        WHERE $__timeFilter(started) AND process_cpu_s > 0
          AND $__conditionalAll(user IN (${person:singlequote}), $person)
          AND $__conditionalAll(project IN (${project:singlequote}), $project)
          AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
        ORDER BY process_cpu_s DESC
        LIMIT 50
    ),
    samples AS (
        SELECT attributes['session.id'] AS of_session, time, metric, attributes['disk.io.direction'] AS direction, most, increase
        FROM sum_values(
            metrics = ['process.memory.usage', 'process.disk.io'], since = $__fromTime, until = $__toTime, step = $__interval_s)
        WHERE attributes['session.id'] IN (SELECT session_id FROM top)
    )
SELECT
    any(c.started) AS began,
    toString(any(c.tool_kind)) AS kind,
    toString(any(c.tool)) AS name,
    any(c.process_cpu_s) AS processor,
    if(any(c.process_cpu_shared) = 1, 'with other calls', 'its own') AS whose,
    any(c.run_s) AS ran,
    maxOrNullIf(s.most, s.metric = 'process.memory.usage' AND is_meanwhile) AS `most memory`,
    sumOrNullIf(s.increase, s.direction = 'read' AND is_meanwhile) AS read,
    sumOrNullIf(s.increase, s.direction = 'write' AND is_meanwhile) AS written,
    toString(any(c.project)) AS place,
    toString(any(c.agent)) AS by_agent,
    c.session_id AS session
FROM top AS c
LEFT JOIN samples AS s ON s.of_session = c.session_id
GROUP BY c.session_id, c.call_id
ORDER BY processor DESC
