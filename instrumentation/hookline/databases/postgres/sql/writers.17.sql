-- Checkpoints and the background writer, which are two views from 17 on; who else writes stands in pg_stat_io.
SELECT c.num_timed, c.num_requested, c.write_time, c.sync_time, c.buffers_written, b.buffers_clean, b.maxwritten_clean, b.buffers_alloc,
       NULL::bigint, NULL::bigint
FROM pg_stat_bgwriter b, pg_stat_checkpointer c
