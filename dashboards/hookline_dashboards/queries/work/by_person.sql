-- How long did each person and their agents work?
WITH
    0 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $project) AND $__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    toString(user) AS who,
    sum(human_ns) / 3.6e12 AS `at least`,
    sum(agent_ns) / 3.6e12 AS agents,
    sum(wall_ns) / 3.6e12 AS `by the clock`,
    sum(waited_ns) / 3.6e12 AS waited,
    uniqExact(local_day) AS days
FROM (
    {{worked_by_day}}
)
GROUP BY who
ORDER BY `by the clock` DESC, who
LIMIT 200
