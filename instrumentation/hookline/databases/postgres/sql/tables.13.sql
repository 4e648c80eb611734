-- Tables of this database, the largest first. Only the catalogue and statistics: nothing here waits for a lock.
SELECT s.schemaname, s.relname, s.relid, s.seq_scan, s.seq_tup_read, s.idx_scan, s.idx_tup_fetch, s.n_tup_ins, s.n_tup_upd, s.n_tup_hot_upd, s.n_tup_del,
       s.n_live_tup, s.n_dead_tup, i.heap_blks_read + coalesce(i.idx_blks_read, 0), i.heap_blks_hit + coalesce(i.idx_blks_hit, 0),
       c.relpages::bigint * current_setting('block_size')::int, age(c.relfrozenxid),
       coalesce((SELECT option_value::float8 FROM pg_options_to_table(c.reloptions) WHERE option_name = 'autovacuum_vacuum_threshold'),
                current_setting('autovacuum_vacuum_threshold')::float8)
         + coalesce((SELECT option_value::float8 FROM pg_options_to_table(c.reloptions) WHERE option_name = 'autovacuum_vacuum_scale_factor'),
                    current_setting('autovacuum_vacuum_scale_factor')::float8) * greatest(c.reltuples, 0),
       extract(epoch FROM greatest(s.last_autovacuum, s.last_vacuum))::float8, extract(epoch FROM greatest(s.last_autoanalyze, s.last_analyze))::float8
FROM pg_stat_user_tables s JOIN pg_statio_user_tables i USING (relid) JOIN pg_class c ON c.oid = s.relid
ORDER BY c.relpages DESC, s.relid LIMIT 500
