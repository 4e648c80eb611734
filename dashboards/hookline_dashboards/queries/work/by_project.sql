-- How long was worked on each project?
WITH
    1 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    if(project = '', 'no project', toString(project)) AS name,
    sum(human_ns) / 3.6e12 AS `you, at least`,
    sum(agent_ns) / 3.6e12 AS agents,
    sum(wall_ns) / 3.6e12 AS `by the clock`,
    sum(waited_ns) / 3.6e12 AS waited
FROM (
    {{worked_by_day}}
)
GROUP BY name
ORDER BY `by the clock` DESC, name
LIMIT 100
