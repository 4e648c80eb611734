SELECT
    user, project, branch,
    toDate(fromUnixTimestamp64Nano(at_ns, ${timezone:singlequote})) AS local_day,
    human_ns, agent_ns, agent_once_ns, wall_ns, permission_wait_ns + answer_wait_ns AS waited_ns
FROM worked_clocks FINAL
WHERE grain = of_grain AND day BETWEEN toDate($__fromTime) AND toDate($__toTime)
  AND at_ns BETWEEN range_from AND halves_to - 1800000000000 AND wall_ns + waited_ns + prompt_wait_ns > 0
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
UNION ALL
SELECT
    user, if(of_grain > 0, project, '') AS place, if(of_grain > 1, branch, '') AS on_branch,
    toDate(fromUnixTimestamp64Nano(quarter_ns, ${timezone:singlequote})) AS local_day,
    toInt64(intervalLengthSumIf(begun, over, kind = 2)),
    sumIf((over - begun) * agents, kind = 1),
    toInt64(intervalLengthSumIf(begun, over, kind = 1)),
    toInt64(intervalLengthSumIf(begun, over, kind < 3)),
    sumIf(over - begun, kind > 1 AND reason IN (3, 4))
FROM (
    SELECT
        user, project, branch, kind, reason, agents, quarter_ns,
        greatest(from_ns, quarter_ns, range_from) AS begun,
        least(to_ns, quarter_ns + 900000000000, range_to) AS over
    FROM (
        SELECT user, project, branch, agent, kind, reason, agents, from_ns, to_ns
        FROM worked_parts FINAL
        WHERE kind < 4 AND day BETWEEN toDate($__fromTime) AND toDate($__toTime)
          AND (day <= toDate($__fromTime + 1800) OR day >= toDate(fromUnixTimestamp64Nano(halves_to)))
        UNION ALL
        SELECT user, project, branch, agent, kind, reason, toInt64(1), from_ns,
            least(to_ns, multiIf(sure_end_ns > 0, least(sure_end_ns, now_ns), now_ns - heard_ns <= 3600000000000, now_ns, 0))
        FROM worked_running FINAL
        WHERE kind < 4
    )
    ARRAY JOIN range(from_ns - from_ns % 900000000000, to_ns, 900000000000) AS quarter_ns
    WHERE quarter_ns - quarter_ns % 1800000000000 NOT BETWEEN range_from AND halves_to - 1800000000000
      AND $__conditionalAll(user IN (${person:singlequote}), $person)
      AND $__conditionalAll(project IN (${project:singlequote}), $project)
      AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
)
WHERE over > begun
GROUP BY user, place, on_branch, local_day
