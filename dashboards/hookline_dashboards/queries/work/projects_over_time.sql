-- How long was worked on each project on each day, by the clock?
SELECT
    toDateTime(day, ${timezone:singlequote}) AS t,
    if(project = '', 'no project', project) AS name,
    sumIf(greatest(0, to_ms - greatest(from_ms, any_to)), kind != 'waiting') / 3600000 AS hours
FROM (
    {{stretches_by_day}}
    WINDOW before AS (PARTITION BY user, day, project ORDER BY from_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY day, name
ORDER BY t, name
