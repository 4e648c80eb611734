-- What did the sessions of a database do or wait for, and with which statements, as it was worked out by the minute?
SELECT database, statement_hash, wait_class, wait_event, sum(seconds) AS total_s, sum(samples) AS samples, max(minute) AS last
FROM db_load_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')} AND database = {database:String}
GROUP BY database, statement_hash, wait_class, wait_event
