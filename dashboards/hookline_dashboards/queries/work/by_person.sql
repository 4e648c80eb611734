-- How long did each person and their agents work?
WITH
    0 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $project) AND $__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    who,
    sum(human_h) AS `at least`,
    sum(agent_h) AS agents,
    sum(wall_h) AS `by the clock`,
    sum(waited_h) AS waited,
    uniqExact(local_day) AS days
FROM (
    {{worked_by_day}}
)
GROUP BY who
ORDER BY `by the clock` DESC
LIMIT 200
