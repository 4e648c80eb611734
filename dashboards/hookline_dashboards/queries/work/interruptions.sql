-- How often did somebody stop an agent, and how often did a turn fail?
SELECT
    toStartOfDay(toTimeZone(toDateTime(intDiv(started_ns, 1000000000)), ${timezone:singlequote})) AS t,
    countIf(outcome = 'interrupted') AS interrupted,
    countIf(outcome = 'failure') AS failed,
    countIf(outcome NOT IN ('interrupted', 'failure')) AS others
{{turns_of_range}}
GROUP BY t
ORDER BY t
