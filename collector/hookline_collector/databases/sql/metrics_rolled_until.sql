-- Up to when were metrics worked out by the hour?
SELECT toUnixTimestamp(max(hour)) + 3600 AS until FROM metric_rollup_hours HAVING count() > 0
