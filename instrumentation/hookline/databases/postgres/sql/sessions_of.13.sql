-- Sessions that block others and that a look does not have: idle ones that hold a lock.
SELECT a.pid, a.leader_pid, a.datid, a.usesysid, a.application_name, host(a.client_addr), a.backend_type, a.state, a.wait_event_type, a.wait_event,
       NULL::bigint, left(a.query, 1024),
       extract(epoch FROM clock_timestamp() - a.query_start)::float8, extract(epoch FROM clock_timestamp() - a.xact_start)::float8,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8, age(a.backend_xmin), NULL::int[]
FROM pg_stat_get_activity(NULL) a
WHERE a.pid = ANY(%(pids)s)
