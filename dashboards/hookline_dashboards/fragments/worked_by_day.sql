SELECT
    toString(user) AS who, toString(project) AS place, toString(branch) AS on_branch,
    toDate(fromUnixTimestamp64Nano(at_ns, ${timezone:singlequote})) AS local_day,
    human_ns / 3.6e12 AS human_h, agent_ns / 3.6e12 AS agent_h, agent_once_ns / 3.6e12 AS agent_once_h, wall_ns / 3.6e12 AS wall_h,
    (permission_wait_ns + answer_wait_ns) / 3.6e12 AS waited_h
FROM worked_clocks FINAL
WHERE grain = of_grain AND day BETWEEN toDate($__fromTime) AND toDate($__toTime)
  AND at_ns >= halves_from_ms * 1000000 AND at_ns < halves_to_ms * 1000000 AND wall_ns + permission_wait_ns + answer_wait_ns + prompt_wait_ns > 0
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
UNION ALL
SELECT
    who, place, on_branch, local_day,
    if(kind = 2, greatest(0, to_ms - greatest(from_ms, you_to)), 0) / 3.6e6,
    if(kind = 1, (to_ms - from_ms) * agents, 0) / 3.6e6,
    if(kind = 1, greatest(0, to_ms - greatest(from_ms, agent_to)), 0) / 3.6e6,
    if(kind < 3, greatest(0, to_ms - greatest(from_ms, any_to)), 0) / 3.6e6,
    if(kind > 1 AND reason IN (3, 4), to_ms - from_ms, 0) / 3.6e6
FROM (
    SELECT
        *,
        max(if(kind = 2, to_ms, 0)) OVER before AS you_to,
        max(if(kind = 1, to_ms, 0)) OVER before AS agent_to,
        max(if(kind < 3, to_ms, 0)) OVER before AS any_to
    FROM (
        SELECT
            who, place, on_branch, kind, reason, agents,
            toDate(fromUnixTimestamp64Milli(piece.1, ${timezone:singlequote})) + days_on AS local_day,
            greatest(piece.1, toInt64(toUnixTimestamp(toDateTime(local_day, ${timezone:singlequote}))) * 1000) AS from_ms,
            least(piece.2, toInt64(toUnixTimestamp(toDateTime(local_day + 1, ${timezone:singlequote}))) * 1000) AS to_ms
        FROM (
            SELECT
                toString(user) AS who, toString(project) AS place, toString(branch) AS on_branch, kind, reason, agents,
                arrayJoin([
                    (greatest(intDiv(from_ns, 1000000), range_from_ms), least(intDiv(to_ns, 1000000), halves_from_ms)),
                    (greatest(intDiv(from_ns, 1000000), halves_to_ms), least(intDiv(to_ns, 1000000), range_to_ms))]) AS piece
            FROM (
                SELECT user, project, branch, agent, kind, reason, agents, from_ns, to_ns
                FROM worked_parts FINAL
                WHERE kind < 4
                  AND (day BETWEEN toDate($__fromTime) AND toDate(toDateTime(intDiv(halves_from_ms, 1000)))
                      OR day BETWEEN toDate(toDateTime(intDiv(halves_to_ms, 1000))) AND toDate($__toTime))
                UNION ALL
                SELECT user, project, branch, agent, kind, reason, toInt64(1), from_ns,
                    least(to_ns, multiIf(
                        sure_end_ns > 0, least(sure_end_ns, toUnixTimestamp64Nano(now64(9))),
                        toUnixTimestamp64Nano(now64(9)) - heard_ns <= 3600000000000, toUnixTimestamp64Nano(now64(9)),
                        toInt64(0)))
                FROM worked_running FINAL
                WHERE kind < 4
            )
            WHERE $__conditionalAll(user IN (${person:singlequote}), $person)
              AND $__conditionalAll(project IN (${project:singlequote}), $project)
              AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
        )
        ARRAY JOIN range(toUInt64(greatest(0, intDiv(piece.2 - piece.1, 86400000) + 2))) AS days_on
        WHERE to_ms > from_ms
    )
    WINDOW before AS (
        PARTITION BY who, local_day, if(of_grain > 0, place, ''), if(of_grain > 1, on_branch, '')
        ORDER BY from_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
