-- The archiver.
SELECT archived_count, failed_count FROM pg_stat_archiver
