-- How many agents worked at once? The most in each interval; as many as before where none began or stopped.
SELECT t, if(edges = 0, held, top) AS agents
FROM (
    SELECT
        $__timeInterval(moment) AS t,
        max(if(moment = t, running, greatest(running, running - change))) AS top,
        argMax(running, moment) AS held,
        count() AS edges
    FROM (
        SELECT moment, sum(step) AS change, sum(change) OVER (ORDER BY moment ROWS UNBOUNDED PRECEDING) AS running
        FROM (
            SELECT arrayJoin([(toDateTime(greatest(started, toDateTime64($__fromTime, 9))), agents),
                (toDateTime(least(ended, toDateTime64($__toTime, 9))), -agents)]) AS edge, edge.1 AS moment, edge.2 AS step
            FROM activity_between(since = toDate($__fromTime), until = toDate($__toTime))
            WHERE kind = 'agent' AND ended > $__fromTime AND started < $__toTime
              AND $__conditionalAll(user IN (${person:singlequote}), $person)
              AND $__conditionalAll(project IN (${project:singlequote}), $project)
              AND $__conditionalAll(session_id IN (SELECT session_id FROM sessions WHERE agent IN (${agent:singlequote})), $agent)
        )
        GROUP BY moment
    )
    GROUP BY t
    ORDER BY t WITH FILL STEP $__interval_s INTERPOLATE (held)
)
ORDER BY t
