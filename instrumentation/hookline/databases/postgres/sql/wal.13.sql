-- Before 14 there are no counters; the place in the log is one.
SELECT NULL::bigint, NULL::bigint,
       (CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') END)::float8, NULL::bigint
