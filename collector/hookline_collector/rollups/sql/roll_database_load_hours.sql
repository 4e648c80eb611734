-- An hour of load by statement.
INSERT INTO db_load_1h (database, hour, statement_hash, wait_class, seconds, samples)
SELECT database, toStartOfHour(minute), statement_hash, wait_class, sum(seconds), sum(samples)
FROM db_load_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')} AND statement_hash != ''
GROUP BY database, toStartOfHour(minute), statement_hash, wait_class
