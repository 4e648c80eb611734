-- How long was worked on each project on each day, by the clock?
WITH
    1 AS of_grain,
    NOT ($__conditionalAll(0 = 1, $agent)) AS is_cut,
    {{whole_halves}}
SELECT
    toDateTime(local_day, ${timezone:singlequote}) AS t,
    if(place = '', 'no project', place) AS name,
    sum(wall_h) AS hours
FROM (
    {{worked_by_day}}
)
GROUP BY local_day, name
ORDER BY t, name
