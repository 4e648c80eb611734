-- How long did people and agents work on each day? By the clock and for a person, what runs side by side counts once.
SELECT
    toDateTime(day, ${timezone:singlequote}) AS t,
    sumIf(greatest(0, to_ms - greatest(from_ms, you_to)), kind = 'human') / 3600000 AS `you, at least`,
    sumIf((to_ms - from_ms) * at_once, kind = 'agent') / 3600000 AS agents,
    sumIf(greatest(0, to_ms - greatest(from_ms, any_to)), kind != 'waiting') / 3600000 AS `by the clock`
FROM (
    {{stretches_by_day}}
    WINDOW before AS (PARTITION BY user, day ORDER BY from_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY day
ORDER BY t
