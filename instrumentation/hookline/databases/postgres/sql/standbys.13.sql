-- Standbys as this server sees them. What one was sent counts until it says what it has replayed (pg_receivewal: written), which one that hangs never does.
SELECT coalesce(host(client_addr), 'unix'), state,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
                       coalesce(replay_lsn, flush_lsn, sent_lsn))::float8,
       extract(epoch FROM write_lag)::float8, extract(epoch FROM flush_lag)::float8, extract(epoch FROM replay_lag)::float8
FROM pg_stat_replication
