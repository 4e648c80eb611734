-- What did the statements of a database do (or the one of {statement_hash}) in hours that are worked out?
SELECT
    statement_hash, any(query_id) AS query_id, anyLast(statement) AS query_text, anyLast(summary) AS summary, any(namespace) AS namespace,
    any(role) AS role, sum(calls) AS calls, sum(exec_s) AS total_s, sum(exec_squares) AS squares, max(max_exec_s) AS longest_s, sum(plan_s) AS plan_s,
    sum(rows) AS result_rows, sum(blocks_hit) AS blocks_hit, sum(blocks_read) AS blocks_read, sum(blocks_dirtied) AS blocks_dirtied,
    sum(blocks_written) AS blocks_written, sum(temp_blocks_read) AS temp_blocks_read, sum(temp_blocks_written) AS temp_blocks_written,
    sum(read_s) AS read_s, sum(write_s) AS write_s, sum(wal_bytes) AS wal_bytes
FROM db_statements_1h FINAL
WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')} AND database = {database:String}
  AND statement_hash != '' AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
GROUP BY statement_hash
