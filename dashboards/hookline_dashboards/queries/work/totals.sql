-- How long did people and agents work in all, how many agents at once, and how long did they wait for a permission or an answer?
WITH
    0 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $project) AND $__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    sum(human_ns) / 3.6e12 AS `you, at least`,
    sum(agent_ns) / 3.6e12 AS agents,
    sum(wall_ns) / 3.6e12 AS `by the clock`,
    sum(waited_ns) / 3.6e12 AS `agents waited for you`,
    sum(agent_ns) / nullIf(sum(agent_once_ns), 0) AS `agents at once`
FROM (
    {{worked_by_day}}
)
HAVING count() > 0
ORDER BY agents
