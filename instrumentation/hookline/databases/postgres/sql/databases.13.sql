-- Counters of each database.
SELECT datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched, tup_inserted, tup_updated, tup_deleted,
       conflicts, temp_files, temp_bytes, deadlocks, NULL::float8, NULL::float8
FROM pg_stat_database WHERE datname IS NOT NULL
