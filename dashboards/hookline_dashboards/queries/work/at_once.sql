-- How many agents worked at once? The most in each interval; as many as before where none began or stopped.
WITH
    1 AS of_kind,
    toUnixTimestamp64Nano(now64(9)) AS now_ns
SELECT t, if(edges = 0, held, top) AS agents
FROM (
    SELECT
        $__timeInterval(toDateTime(at, 'UTC')) AS t,
        argMax(running, at) AS held,
        greatest(max(running), if(min(at) = toUnixTimestamp(t), 0, held - sum(change))) AS top,
        count() AS edges
    FROM (
        SELECT at, change, sum(change) OVER (ORDER BY at RANGE UNBOUNDED PRECEDING) AS running
        FROM (
            SELECT
                toUInt32(greatest(intDiv(from_ns, 1000000000), toUnixTimestamp($__fromTime))) AS since,
                toUInt32(least(intDiv(to_ns, 1000000000), toUnixTimestamp($__toTime))) AS until,
                sum(agents) AS beside
            FROM (
                {{active_parts}}
            )
            WHERE to_ns > greatest(from_ns, toInt64(toUnixTimestamp($__fromTime)) * 1000000000) AND from_ns < toUnixTimestamp($__toTime) * 1000000000
              AND $__conditionalAll(user IN (${person:singlequote}), $person)
              AND $__conditionalAll(project IN (${project:singlequote}), $project)
              AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
            GROUP BY since, until
        )
        ARRAY JOIN [since, until] AS at, [beside, -beside] AS change
    )
    GROUP BY t
    ORDER BY t WITH FILL STEP $__interval_s INTERPOLATE (held)
)
ORDER BY t
