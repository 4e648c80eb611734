-- The write-ahead log.
SELECT wal_records, wal_fpi, wal_bytes::float8, wal_buffers_full FROM pg_stat_wal
