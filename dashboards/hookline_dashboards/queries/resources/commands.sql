-- Which calls' commands used most processor time, and what did the session's processes hold, read and write meanwhile?
WITH
    if($__interval_s >= 3600, 3600, 60) AS width,
    moment -> intDiv(toUnixTimestamp(moment), width) AS slot,
    slot(s.time) BETWEEN slot(c.requested) AND slot(c.ended) AS is_meanwhile,
    (
        SELECT groupArray(tuple(
            session_id, call_id, requested, started, ended, toString(project), toString(agent), toString(tool), toString(tool_kind), run_s,
            process_cpu_s, process_cpu_shared))
        FROM (
            SELECT *
            FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
            WHERE $__timeFilter(started) AND process_cpu_s > 0
              AND $__conditionalAll(user IN (${person:singlequote}), $person)
              AND $__conditionalAll(project IN (${project:singlequote}), $project)
              AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
            ORDER BY process_cpu_s DESC
            LIMIT 50
        )
    ) AS top
SELECT
    any(c.started) AS began,
    any(c.tool_kind) AS kind,
    any(c.tool) AS name,
    any(c.process_cpu_s) AS processor,
    if(any(c.process_cpu_shared) = 1, 'with other calls', 'its own') AS whose,
    any(c.run_s) AS ran,
    maxOrNullIf(s.most, s.metric = 'process.memory.usage' AND is_meanwhile) AS `most memory`,
    sumOrNullIf(s.increase, s.direction = 'read' AND is_meanwhile) AS read,
    sumOrNullIf(s.increase, s.direction = 'write' AND is_meanwhile) AS written,
    any(c.project) AS place,
    any(c.agent) AS by_agent,
    c.session_id AS session
FROM (
    SELECT
        arrayJoin(top) AS call, call.1 AS session_id, call.2 AS call_id, call.3 AS requested, call.4 AS started, call.5 AS ended, call.6 AS project,
        call.7 AS agent, call.8 AS tool, call.9 AS tool_kind, call.10 AS run_s, call.11 AS process_cpu_s, call.12 AS process_cpu_shared
) AS c
LEFT JOIN (
    SELECT attributes['session.id'] AS of_session, time, metric, attributes['disk.io.direction'] AS direction, most, increase
    FROM sum_values(
        metrics = ['process.memory.usage', 'process.disk.io'], since = $__fromTime, until = $__toTime, step = $__interval_s)
    WHERE has(arrayMap(call -> call.1, top), attributes['session.id'])
) AS s ON s.of_session = c.session_id
GROUP BY c.session_id, c.call_id
ORDER BY processor DESC
