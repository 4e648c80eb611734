-- How long did people and agents work on each day? By the clock and for a person, what runs side by side counts once.
WITH
    0 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $project) AND $__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    toDateTime(local_day, ${timezone:singlequote}) AS t,
    sum(human_ns) / 3.6e12 AS `you, at least`,
    sum(agent_ns) / 3.6e12 AS agents,
    sum(wall_ns) / 3.6e12 AS `by the clock`
FROM (
    {{worked_by_day}}
)
GROUP BY local_day
ORDER BY t
