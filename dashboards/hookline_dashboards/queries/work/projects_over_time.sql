-- How long was worked on each project on each day, by the clock?
WITH
    1 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    toDateTime(local_day, ${timezone:singlequote}) AS t,
    if(project = '', 'no project', toString(project)) AS name,
    sum(wall_ns) / 3.6e12 AS hours
FROM (
    {{worked_by_day}}
)
GROUP BY local_day, name
ORDER BY t, name
