-- How long did people and agents work in all, how many agents at once, and how long did they wait for a permission or an answer?
SELECT
    sumIf(greatest(0, to_ms - greatest(from_ms, you_to)), kind = 'human') / 3600000 AS `you, at least`,
    sumIf((to_ms - from_ms) * at_once, kind = 'agent') / 3600000 AS agents,
    sumIf(greatest(0, to_ms - greatest(from_ms, any_to)), kind != 'waiting') / 3600000 AS `by the clock`,
    sumIf(to_ms - from_ms, reason IN ('permission', 'answer') AND kind != 'agent') / 3600000 AS `agents waited for you`,
    agents / nullIf(sumIf(greatest(0, to_ms - greatest(from_ms, agent_to)), kind = 'agent') / 3600000, 0) AS `agents at once`
FROM (
    {{stretches_by_day}}
    WINDOW before AS (PARTITION BY user, day ORDER BY from_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
HAVING count() > 0
ORDER BY agents
