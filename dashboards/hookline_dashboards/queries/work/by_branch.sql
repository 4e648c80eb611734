-- How long was worked on each branch?
WITH
    2 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    place,
    on_branch AS name,
    sum(human_h) AS `you, at least`,
    sum(agent_h) AS agents,
    sum(wall_h) AS `by the clock`
FROM (
    {{worked_by_day}}
)
GROUP BY place, name
ORDER BY `by the clock` DESC
LIMIT 100
