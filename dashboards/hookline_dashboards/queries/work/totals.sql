-- How long did people and agents work in all, how many agents at once, and how long did they wait for a permission or an answer?
WITH
    0 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $project) AND $__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    sum(human_h) AS `you, at least`,
    sum(agent_h) AS agents,
    sum(wall_h) AS `by the clock`,
    sum(waited_h) AS `agents waited for you`,
    agents / nullIf(sum(agent_once_h), 0) AS `agents at once`
FROM (
    {{worked_by_day}}
)
HAVING count() > 0
ORDER BY agents
