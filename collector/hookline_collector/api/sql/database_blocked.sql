-- Which sessions waited for a lock, as samples tell: the last look that saw any?
SELECT
    time AS looked, arrayMap(process -> toUInt32OrZero(process), pids) AS pids, arrayMap(process -> toUInt32OrZero(process), blocked_by) AS blocked_by,
    state, statement_hash, statement, application, user, namespace, lock_mode, lock_relation, waited_ms / 1e3 AS waited_s,
    transaction_ms / 1e3 AS transaction_s
FROM db_samples_state FINAL
WHERE database = {database:String} AND notEmpty(pids) AND time = (
    SELECT max(time) FROM db_samples_state
    WHERE database = {database:String} AND time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND notEmpty(blocked_by))
LIMIT 500
