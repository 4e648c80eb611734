-- How long was worked on each branch?
SELECT
    project AS place,
    branch AS name,
    sumIf(greatest(0, to_ms - greatest(from_ms, you_to)), kind = 'human') / 3600000 AS `you, at least`,
    sumIf((to_ms - from_ms) * at_once, kind = 'agent') / 3600000 AS agents,
    sumIf(greatest(0, to_ms - greatest(from_ms, any_to)), kind != 'waiting') / 3600000 AS `by the clock`
FROM (
    {{stretches_by_day}}
    WINDOW before AS (PARTITION BY user, day, project, branch ORDER BY from_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY place, name
ORDER BY `by the clock` DESC
LIMIT 100
