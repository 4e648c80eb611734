-- Which calls' commands used most processor time, and what did the session's processes hold, read and write meanwhile?
WITH
    if($__interval_s >= 3600, 3600, 60) AS width,
    (
        SELECT groupArray(tuple(
            session_id, requested_slot, ended_slot, started, toString(project), toString(agent), toString(tool), toString(tool_kind), run_s,
            process_cpu_s, process_cpu_shared, call_id))
        FROM (
            SELECT
                session_id, intDiv(toUnixTimestamp(requested), width) AS requested_slot, intDiv(toUnixTimestamp(ended), width) AS ended_slot, started,
                project, agent, tool, tool_kind, run_s, process_cpu_s, process_cpu_shared, call_id
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
    call.4 AS began,
    call.8 AS kind,
    call.7 AS name,
    call.10 AS processor,
    if(call.11 = 1, 'with other calls', 'its own') AS whose,
    call.9 AS ran,
    maxOrNullIf(most, metric = 'process.memory.usage' AND is_meanwhile) AS `most memory`,
    sumOrNullIf(increase, direction = 'read' AND is_meanwhile) AS read,
    sumOrNullIf(increase, direction = 'write' AND is_meanwhile) AS written,
    call.5 AS place,
    call.6 AS by_agent,
    call.1 AS session
FROM (
    SELECT call, metric, direction, most, increase, slot BETWEEN call.2 AND call.3 AS is_meanwhile
    FROM (SELECT arrayJoin(top) AS call) AS c
    LEFT JOIN (
        SELECT
            attributes['session.id'] AS of_session, intDiv(toUnixTimestamp(time), width) AS slot, metric,
            attributes['disk.io.direction'] AS direction, most, increase
        FROM sum_values(
            metrics = ['process.memory.usage', 'process.disk.io'], since = $__fromTime, until = $__toTime, step = $__interval_s)
        WHERE has(tupleElement(top, 1), of_session)
    ) AS s ON s.of_session = c.call.1
)
GROUP BY call
ORDER BY processor DESC
