-- How does one week compare with the one before it?
WITH
    0 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $project) AND $__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    toString(toMonday(local_day)) AS week,
    sum(human_ns) / 3.6e12 AS `you, at least`,
    sum(agent_ns) / 3.6e12 AS agents,
    sum(wall_ns) / 3.6e12 AS `by the clock`,
    sum(waited_ns) / 3.6e12 AS waited,
    uniqExact(local_day) AS days,
    `by the clock` - lagInFrame(toNullable(`by the clock`)) OVER (ORDER BY week ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS `more than before`
FROM (
    {{worked_by_day}}
)
GROUP BY week
ORDER BY week DESC
LIMIT 60
