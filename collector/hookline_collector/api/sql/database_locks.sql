-- Who waited for whom, at the last look that saw anybody wait?
SELECT time AS looked, incident, root_pid, waiting, longest_s, tree
FROM db_locks_state FINAL
WHERE database = {database:String} AND phase != 'end' AND time = (
    SELECT max(time) FROM db_locks_state
    WHERE database = {database:String} AND phase != 'end' AND time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')})
LIMIT 50
