-- Who waited for whom, at the last looks that saw anybody wait?
SELECT time AS looked, incident, root_pid, waiting, longest_s, tree
FROM db_locks_between(since = {first_day:Date}, until = {last_day:Date})
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String} AND phase != 'end'
ORDER BY time DESC
LIMIT 50
