-- Counters of each database, and the time of its sessions.
SELECT datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched, tup_inserted, tup_updated, tup_deleted,
       conflicts, temp_files, temp_bytes, deadlocks, active_time, idle_in_transaction_time
FROM pg_stat_database WHERE datname IS NOT NULL
