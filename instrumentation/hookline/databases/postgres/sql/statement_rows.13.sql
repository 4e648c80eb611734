-- Second step: the rows of those that were. Not `= ANY`, which compares each row with each number once the plan is kept.
SELECT userid, dbid, queryid, true, calls, total_exec_time, min_exec_time, max_exec_time, stddev_exec_time, rows, plans, total_plan_time,
       shared_blks_hit, shared_blks_read, shared_blks_dirtied, shared_blks_written, temp_blks_read, temp_blks_written, blk_read_time, blk_write_time,
       wal_records, wal_fpi, wal_bytes::float8, 0::float8
FROM {schema}.pg_stat_statements(false) WHERE queryid IN (SELECT unnest(%(ids)s::bigint[]))
