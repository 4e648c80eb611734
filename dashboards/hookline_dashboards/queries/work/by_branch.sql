-- How long was worked on each branch?
WITH
    2 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    toString(project) AS place,
    toString(branch) AS name,
    sum(human_ns) / 3.6e12 AS `you, at least`,
    sum(agent_ns) / 3.6e12 AS agents,
    sum(wall_ns) / 3.6e12 AS `by the clock`
FROM (
    {{worked_by_day}}
)
GROUP BY place, name
ORDER BY `by the clock` DESC, place, name
LIMIT 100
