-- How does one week compare with the one before it?
SELECT
    toString(toMonday(day)) AS week,
    sumIf(greatest(0, to_ms - greatest(from_ms, you_to)), kind = 'human') / 3600000 AS `you, at least`,
    sumIf((to_ms - from_ms) * at_once, kind = 'agent') / 3600000 AS agents,
    sumIf(greatest(0, to_ms - greatest(from_ms, any_to)), kind != 'waiting') / 3600000 AS `by the clock`,
    sumIf(to_ms - from_ms, reason IN ('permission', 'answer') AND kind != 'agent') / 3600000 AS waited,
    uniqExact(day) AS days,
    `by the clock` - lagInFrame(toNullable(`by the clock`)) OVER (ORDER BY week ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS `more than before`
FROM (
    {{stretches_by_day}}
    WINDOW before AS (PARTITION BY user, day ORDER BY from_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY week
ORDER BY week DESC
LIMIT 60
