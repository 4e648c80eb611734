-- What sessions wait for. Names of relations come from the catalogue, without a lock; those of other databases are left empty.
SELECT l.pid, l.locktype, l.mode, CASE WHEN d.datname = current_database() THEN l.relation::regclass::text END, NULL::float8
FROM pg_locks l LEFT JOIN pg_database d ON d.oid = l.database
WHERE NOT l.granted
