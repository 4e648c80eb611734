-- The same in intervals before and behind those hours.
SELECT
    statement_hash, any(query_id) AS query_id, anyLast(statement) AS query_text, anyLast(summary) AS summary, any(namespace) AS namespace,
    any(role) AS role, sum(calls) AS calls, sum(exec_ms) / 1e3 AS total_s, sum(exec_squares) / 1e6 AS squares, max(max_exec_ms) / 1e3 AS longest_s, sum(plan_ms) / 1e3 AS plan_s,
    sum(rows) AS result_rows, sum(blocks_hit) AS blocks_hit, sum(blocks_read) AS blocks_read, sum(blocks_dirtied) AS blocks_dirtied,
    sum(blocks_written) AS blocks_written, sum(temp_blocks_read) AS temp_blocks_read, sum(temp_blocks_written) AS temp_blocks_written,
    sum(read_ms) / 1e3 AS read_s, sum(write_ms) / 1e3 AS write_s, sum(wal_bytes) AS wal_bytes
FROM db_statements_state FINAL
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String}
  AND (time < {first_hour:DateTime('UTC')} OR time >= {worked_until:DateTime('UTC')})
  AND statement_hash != '' AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
GROUP BY statement_hash
