-- An hour of statements.
INSERT INTO db_statements_1h
    (database, hour, namespace, role, query_id, statement_hash, statement, summary, seconds, calls, rows, exec_s, plan_s, max_exec_s,
     exec_squares, blocks_hit, blocks_read, blocks_dirtied, blocks_written, temp_blocks_read, temp_blocks_written, read_s, write_s,
     wal_bytes)
SELECT *
FROM db_statement_hours_told(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
