-- An hour of load by the minute and by what sessions did or waited for alone.
INSERT INTO db_classes_1m (database, minute, wait_class, wait_event, seconds, samples)
SELECT database, minute, wait_class, wait_event, sum(seconds), sum(samples)
FROM db_load_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')}
GROUP BY database, minute, wait_class, wait_event
