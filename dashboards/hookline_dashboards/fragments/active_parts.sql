SELECT user, project, agent, reason, agents, from_ns, to_ns
FROM worked_parts FINAL
PREWHERE kind = of_kind AND day BETWEEN toDate($__fromTime) AND toDate($__toTime)
UNION ALL
SELECT
    user, project, agent, reason, toInt64(1),
    greatest(from_ns, toInt64(toUnixTimestamp(toStartOfDay($__fromTime, 'UTC'))) * 1000000000),
    least(to_ns, multiIf(sure_end_ns > 0, least(sure_end_ns, now_ns), now_ns - heard_ns <= 3600000000000, now_ns, 0))
FROM worked_running FINAL
WHERE kind = of_kind
