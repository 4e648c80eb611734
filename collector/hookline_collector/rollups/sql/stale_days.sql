SELECT toString(p.day) AS day
FROM (
    SELECT toDateOrZero(partition) AS day, sum(rows) AS points
    FROM system.parts
    WHERE database = currentDatabase() AND active AND startsWith(table, 'otel_metrics_') AND length(partition) = 10
    GROUP BY day
) AS p
LEFT JOIN (SELECT toDate(hour) AS day, sum(points) AS points FROM metric_rollup_hours FINAL GROUP BY day) AS d ON d.day = p.day
WHERE p.day > '2020-01-01' AND p.day < '2040-01-01' AND p.points > d.points
ORDER BY day
