-- Who held others up, and for how long in all?
SELECT
    toUInt32(root_pid) AS pid, min(time) AS started, max(time) AS last, max(waiting) AS waiters, max(longest_s) AS waited_s,
    argMax(tree, waiting) AS tree
FROM db_locks_between(since = {first_day:Date}, until = {last_day:Date})
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String}
GROUP BY incident, root_pid
ORDER BY waited_s DESC
LIMIT 50
