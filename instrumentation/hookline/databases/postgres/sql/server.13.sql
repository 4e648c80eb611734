-- Who answers, and what the agent may do there.
SELECT current_setting('server_version_num')::int, extract(epoch FROM pg_postmaster_start_time())::float8, r.oid, r.rolsuper,
       pg_has_role(current_user, 'pg_monitor', 'member') OR r.rolsuper, pg_is_in_recovery(), current_database(), pg_backend_pid(),
       current_setting('track_activity_query_size'), (SELECT setting FROM pg_settings WHERE name = 'data_directory'),
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true), '0')::int,
       inet_server_addr() IS NULL OR host(inet_server_addr()) IN ('127.0.0.1', '::1')
FROM pg_roles r WHERE r.rolname = current_user
