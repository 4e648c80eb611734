-- The same of what is not worked out yet, with what says the class of a wait.
SELECT statement_hash, wait_class, state, wait_type, wait_event, sum(seconds) AS total_s
FROM db_samples_state FINAL
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String}
  AND statement_hash != '' AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
GROUP BY statement_hash, wait_class, state, wait_type, wait_event
