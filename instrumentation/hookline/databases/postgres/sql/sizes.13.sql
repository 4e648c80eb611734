-- Sizes of databases; waits for no lock.
SELECT datname, pg_database_size(oid) FROM pg_database WHERE datallowconn AND has_database_privilege(oid, 'CONNECT')
