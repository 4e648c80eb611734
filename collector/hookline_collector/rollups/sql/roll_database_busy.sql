-- An hour of load by the minute and statement alone.
INSERT INTO db_busy_1m (database, minute, statement_hash, statement, seconds)
SELECT database, minute, statement_hash, any(statement), sum(seconds)
FROM db_load_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')} AND statement_hash != ''
  AND wait_class NOT IN ('idle_in_transaction', 'sleep')
GROUP BY database, minute, statement_hash
