-- What did the statements of a database do (or the one of {statement_hash}): in hours that are worked out, and in intervals before and behind them?
SELECT
    statement_hash, any(query_id) AS query_id, anyLast(statement) AS query_text, anyLast(summary) AS summary, any(namespace) AS namespace,
    any(role) AS role, sum(calls) AS calls, sum(exec_s) AS total_s, sum(exec_squares) AS squares, max(max_exec_s) AS longest_s, sum(plan_s) AS plan_s,
    sum(rows) AS result_rows, sum(blocks_hit) AS blocks_hit, sum(blocks_read) AS blocks_read, sum(blocks_dirtied) AS blocks_dirtied,
    sum(blocks_written) AS blocks_written, sum(temp_blocks_read) AS temp_blocks_read, sum(temp_blocks_written) AS temp_blocks_written,
    sum(read_s) AS read_s, sum(write_s) AS write_s, sum(wal_bytes) AS wal_bytes
FROM (
    SELECT statement_hash, query_id, statement, summary, namespace, role, calls, exec_s, exec_squares, max_exec_s, plan_s, rows, blocks_hit, blocks_read,
        blocks_dirtied, blocks_written, temp_blocks_read, temp_blocks_written, read_s, write_s, wal_bytes
    FROM db_statements_1h FINAL
    WHERE hour >= {first_hour:DateTime('UTC')} AND hour < {worked_until:DateTime('UTC')} AND database = {database:String}
      AND statement_hash != '' AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
    UNION ALL
    SELECT statement_hash, query_id, statement, summary, namespace, role, calls, exec_ms / 1e3, exec_squares / 1e6, max_exec_ms / 1e3, plan_ms / 1e3, rows,
        blocks_hit, blocks_read, blocks_dirtied, blocks_written, temp_blocks_read, temp_blocks_written, read_ms / 1e3, write_ms / 1e3, wal_bytes
    FROM db_statements_state FINAL
    WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String}
      AND (time < {first_hour:DateTime('UTC')} OR time >= {worked_until:DateTime('UTC')})
      AND statement_hash != '' AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
)
GROUP BY statement_hash
