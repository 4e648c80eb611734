-- How long was worked on each project?
SELECT
    if(project = '', 'no project', project) AS name,
    sumIf(greatest(0, to_ms - greatest(from_ms, you_to)), kind = 'human') / 3600000 AS `you, at least`,
    sumIf((to_ms - from_ms) * at_once, kind = 'agent') / 3600000 AS agents,
    sumIf(greatest(0, to_ms - greatest(from_ms, any_to)), kind != 'waiting') / 3600000 AS `by the clock`,
    sumIf(to_ms - from_ms, reason IN ('permission', 'answer') AND kind != 'agent') / 3600000 AS waited
FROM (
    {{stretches_by_day}}
    WINDOW before AS (PARTITION BY user, day, project ORDER BY from_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY name
ORDER BY `by the clock` DESC
LIMIT 100
