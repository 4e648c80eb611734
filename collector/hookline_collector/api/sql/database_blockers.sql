-- Who held others up, and for how long in all?
SELECT
    toUInt32(root_pid) AS pid, incident, min(time) AS started, max(time) AS last, max(waiting) AS waiters, max(longest_s) AS waited_s,
    toUnixTimestamp64Nano(argMax(time, waiting)) AS widest_ns
FROM db_locks_state FINAL
WHERE database = {database:String} AND time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')}
GROUP BY incident, root_pid
ORDER BY waited_s DESC
LIMIT 50
