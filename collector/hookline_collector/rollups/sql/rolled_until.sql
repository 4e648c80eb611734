-- Up to when was what worked out by the minute and hour?
SELECT what, toUnixTimestamp(max(hour + seconds)) AS until FROM db_rollup_hours GROUP BY what
UNION ALL
SELECT 'metrics', toUnixTimestamp(max(hour)) + 3600 FROM metric_rollup_hours HAVING count() > 0
