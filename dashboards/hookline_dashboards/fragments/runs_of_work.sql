SELECT *, sum(from_ns > reached_ns + 300000000000) OVER (PARTITION BY user ORDER BY from_ns ROWS UNBOUNDED PRECEDING) AS block
FROM (
    SELECT *, max(to_ns) OVER (PARTITION BY user ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached_ns
    FROM (
        SELECT user, from_ns, to_ns, toUInt8(0) AS is_human, human_ns, agent_ns, sessions, projects
        FROM worked_spells FINAL
        WHERE of_project = 0 AND of_agent = 0 AND day BETWEEN toDate($__fromTime) AND toDate($__toTime) AND from_ns < live_ns
          AND $__conditionalAll(user IN (${person:singlequote}), $person)
        UNION ALL
        SELECT
            user, greatest(from_ns, live_ns) AS begun_ns, to_ns, kind = 2, toInt64(0), if(kind = 1, (to_ns - begun_ns) * agents, 0),
            [session_id], arrayFilter(name -> name != '', [project])
        FROM (
            SELECT user, kind, agents, session_id, project, from_ns, to_ns
            FROM worked_parts FINAL
            WHERE kind < 3 AND day BETWEEN toDate(fromUnixTimestamp64Nano(live_ns, 'UTC')) AND toDate($__toTime)
            UNION ALL
            SELECT user, kind, toInt64(1), session_id, project, from_ns,
                least(to_ns, multiIf(sure_end_ns > 0, least(sure_end_ns, now_ns), now_ns - heard_ns <= 3600000000000, now_ns, 0))
            FROM worked_running FINAL
            WHERE kind < 3
        )
        WHERE to_ns > begun_ns AND $__conditionalAll(user IN (${person:singlequote}), $person)
    )
)
