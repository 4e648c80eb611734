-- How long was worked on each project?
WITH
    1 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    if(place = '', 'no project', place) AS name,
    sum(human_h) AS `you, at least`,
    sum(agent_h) AS agents,
    sum(wall_h) AS `by the clock`,
    sum(waited_h) AS waited
FROM (
    {{worked_by_day}}
)
GROUP BY name
ORDER BY `by the clock` DESC
LIMIT 100
