-- Which sessions waited for a lock, as samples tell: the last look that saw any?
SELECT time AS looked, pids, blocked_by, state, statement_hash, statement, application, user, namespace, lock_mode, lock_relation, waited_s, transaction_s
FROM db_samples_between(since = {first_day:Date}, until = {last_day:Date})
WHERE database = {database:String} AND time = (
    SELECT max(time) FROM db_samples_between(since = {first_day:Date}, until = {last_day:Date})
    WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String} AND notEmpty(blocked_by))
  AND notEmpty(pids)
LIMIT 500
