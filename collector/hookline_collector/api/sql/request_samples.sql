-- What was seen of a request's statements in the databases while it ran?
SELECT
    database, time AS looked, pids, namespace, state AS session_state, wait_class, wait_event, statement_hash, statement AS query_text, application,
    statement_s, waited_s, seconds AS total_s
FROM db_samples_between(since = {first_day:Date}, until = {last_day:Date})
WHERE time >= fromUnixTimestamp64Nano({start_ns:Int64}) AND time <= fromUnixTimestamp64Nano({end_ns:Int64})
  AND statement_hash IN {hashes:Array(String)}
ORDER BY time, statement_hash
LIMIT 200
