-- An hour by what sessions did or waited for.
INSERT INTO db_classes_1h (database, hour, wait_class, wait_event, seconds, samples, last)
SELECT database, toStartOfHour(minute), wait_class, wait_event, sum(seconds), sum(samples), max(minute)
FROM db_classes_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')}
GROUP BY database, toStartOfHour(minute), wait_class, wait_event
