-- Operations on files and their time, by who did them on what.
SELECT backend_type, object, context, reads, writes, extends, fsyncs, hits, evictions, read_time, write_time, extend_time, fsync_time
FROM pg_stat_io WHERE coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0) + coalesce(fsyncs, 0) + coalesce(hits, 0) > 0
