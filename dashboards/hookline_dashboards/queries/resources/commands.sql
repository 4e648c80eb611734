-- Which calls' commands used most processor time, and what did the session's processes hold, read and write meanwhile?
WITH
    ['process.memory.usage', 'process.disk.io'] AS of_metrics,
    {{sums_told_from}}
SELECT
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS began,
    tool_kind AS kind,
    tool AS name,
    process_cpu_s AS processor,
    if(process_cpu_shared = 1, 'with other calls', 'its own') AS whose,
    run_s AS ran,
    maxOrNullIf(most, metric = 'process.memory.usage' AND slot BETWEEN first_slot AND last_slot) AS `most memory`,
    sumOrNullIf(increase, direction = 'read' AND slot BETWEEN first_slot AND last_slot) AS read,
    sumOrNullIf(increase, direction = 'write' AND slot BETWEEN first_slot AND last_slot) AS written,
    project AS place,
    agent AS by_agent,
    session
FROM (
    SELECT
        session_id AS session, call_id, started_ns, project, agent, tool, tool_kind, run_s, process_cpu_s, process_cpu_shared,
        intDiv(requested_ns, if($__interval_s >= 3600, 3600, 60) * 1000000000) AS first_slot,
        intDiv(ended_ns, if($__interval_s >= 3600, 3600, 60) * 1000000000) AS last_slot
    FROM worked_commands FINAL
    WHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime) AND process_cpu_s > 0
      AND started_ns BETWEEN toUnixTimestamp($__fromTime) * 1000000000 AND toUnixTimestamp($__toTime) * 1000000000
      AND $__conditionalAll(user IN (${person:singlequote}), $person)
      AND $__conditionalAll(project IN (${project:singlequote}), $project)
      AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
      AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
    ORDER BY process_cpu_s DESC, started_ns DESC
    LIMIT 50
) AS c
LEFT JOIN (
    SELECT
        session_id, MetricName AS metric, direction, Max AS most,
        intDiv(toUnixTimestamp(Bucket), if($__interval_s >= 3600, 3600, 60)) AS slot,
        Increase AS increase
    FROM otel_metrics_1h FINAL
    PREWHERE $__interval_s >= 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 3600 AND Bucket <= $__toTime
    UNION ALL
    SELECT session_id, MetricName, direction, Max, intDiv(toUnixTimestamp(Bucket), if($__interval_s >= 3600, 3600, 60)), Increase
    FROM otel_metrics_minutes FINAL
    PREWHERE $__interval_s < 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 60 AND Bucket <= $__toTime
    UNION ALL
    SELECT
        Attributes['session.id'], MetricName, toLowCardinality(Attributes['disk.io.direction']), Value,
        intDiv(toUnixTimestamp(TimeUnix), if($__interval_s >= 3600, 3600, 60)),
        {{increase_of_sum}}
    FROM (
        {{sums_behind_hours}}
    )
    WHERE TimeUnix >= rows_from
) AS s ON s.session_id = c.session
GROUP BY session, call_id, started_ns, project, agent, tool, tool_kind, run_s, process_cpu_s, process_cpu_shared
ORDER BY processor DESC, began DESC
