-- Client connections by state, without the agent's own, and the oldest transaction.
SELECT count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE state = 'idle'), count(*) FILTER (WHERE state LIKE 'idle in transaction%'),
       count(*) FILTER (WHERE state IS NULL OR state NOT IN ('active', 'idle') AND state NOT LIKE 'idle in transaction%'),
       max(extract(epoch FROM clock_timestamp() - xact_start))::float8, count(*)
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND NOT (usesysid = %(role)s AND application_name = %(application)s)
