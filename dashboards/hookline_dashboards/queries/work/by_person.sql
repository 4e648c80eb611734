-- How long did each person and their agents work?
SELECT
    user AS who,
    sumIf(greatest(0, to_ms - greatest(from_ms, you_to)), kind = 'human') / 3600000 AS `at least`,
    sumIf((to_ms - from_ms) * at_once, kind = 'agent') / 3600000 AS agents,
    sumIf(greatest(0, to_ms - greatest(from_ms, any_to)), kind != 'waiting') / 3600000 AS `by the clock`,
    sumIf(to_ms - from_ms, reason IN ('permission', 'answer') AND kind != 'agent') / 3600000 AS waited,
    uniqExact(day) AS days
FROM (
    {{stretches_by_day}}
    WINDOW before AS (PARTITION BY user, day ORDER BY from_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY who
ORDER BY `by the clock` DESC
LIMIT 200
