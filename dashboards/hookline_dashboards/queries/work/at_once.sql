-- How many agents worked at once? The most in each interval; as many as before where none began or stopped.
WITH
    1 AS of_kind,
    toUnixTimestamp64Nano(now64(9)) AS now_ns
SELECT t, if(edges = 0, held, top) AS agents
FROM (
    SELECT
        $__timeInterval(moment) AS t,
        max(if(moment = t, running, greatest(running, running - change))) AS top,
        argMax(running, moment) AS held,
        count() AS edges
    FROM (
        SELECT toDateTime(edge.1, 'UTC') AS moment, sum(edge.2) AS change, sum(change) OVER (ORDER BY moment ROWS UNBOUNDED PRECEDING) AS running
        FROM (
            {{active_parts}}
        )
        ARRAY JOIN [
            (greatest(intDiv(from_ns, 1000000000), toUnixTimestamp($__fromTime)), agents),
            (least(intDiv(to_ns, 1000000000), toUnixTimestamp($__toTime)), -agents)
        ] AS edge
        WHERE to_ns > greatest(from_ns, toInt64(toUnixTimestamp($__fromTime)) * 1000000000) AND from_ns < toUnixTimestamp($__toTime) * 1000000000
          AND $__conditionalAll(user IN (${person:singlequote}), $person)
          AND $__conditionalAll(project IN (${project:singlequote}), $project)
          AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
        GROUP BY moment
    )
    GROUP BY t
    ORDER BY t WITH FILL STEP $__interval_s INTERPOLATE (held)
)
ORDER BY t
