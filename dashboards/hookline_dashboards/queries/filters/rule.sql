-- Which alert rules fired in the range?
SELECT DISTINCT toString(rule) AS name
FROM alerts_state FINAL
WHERE $__timeFilter(changed)
ORDER BY name
