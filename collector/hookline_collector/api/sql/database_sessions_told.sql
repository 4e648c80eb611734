-- The same of what is not worked out yet, with what says the class of a wait.
SELECT
    database, statement_hash, wait_class, state, wait_type, wait_event, sum(seconds) AS total_s, sum(seen) AS samples,
    toStartOfMinute(toDateTime(max(time), 'UTC')) AS last
FROM db_samples_state FINAL
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String}
GROUP BY database, statement_hash, wait_class, state, wait_type, wait_event
