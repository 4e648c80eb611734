-- Databases and roles by their numbers.
SELECT true, oid, datname::text, NOT datistemplate AND datallowconn AND has_database_privilege(oid, 'CONNECT') FROM pg_database
UNION ALL
SELECT false, oid, rolname::text, false FROM pg_roles
