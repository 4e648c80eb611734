-- Indexes of this database, the largest first. Only the catalogue and statistics: nothing here waits for a lock.
SELECT s.schemaname, s.relname, s.indexrelname, s.indexrelid, s.idx_scan, s.idx_tup_read, i.idx_blks_read, i.idx_blks_hit,
       c.relpages::bigint * current_setting('block_size')::int, x.indisvalid, x.indisunique
FROM pg_stat_user_indexes s JOIN pg_statio_user_indexes i USING (indexrelid) JOIN pg_index x USING (indexrelid) JOIN pg_class c ON c.oid = s.indexrelid
ORDER BY c.relpages DESC, s.indexrelid LIMIT 500
