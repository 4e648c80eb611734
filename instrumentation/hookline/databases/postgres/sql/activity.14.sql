-- Sessions that are not idle, without the agent's own. Ages are worked out here: the server's clock may differ from ours.
SELECT a.pid, a.leader_pid, a.datid, a.usesysid, a.application_name, host(a.client_addr), a.backend_type, a.state, a.wait_event_type, a.wait_event,
       a.query_id, left(a.query, 1024),
       extract(epoch FROM clock_timestamp() - a.query_start)::float8, extract(epoch FROM clock_timestamp() - a.xact_start)::float8,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8, age(a.backend_xmin),
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) END
FROM pg_stat_get_activity(NULL) a
WHERE a.pid <> pg_backend_pid() AND a.state IS DISTINCT FROM 'idle' AND a.wait_event_type IS DISTINCT FROM 'Activity'
  AND NOT (a.usesysid = %(role)s AND a.application_name = %(application)s)
