-- Databases by number in which plans can be asked for.
SELECT oid, datname::text FROM pg_database WHERE NOT datistemplate AND datallowconn AND has_database_privilege(oid, 'CONNECT')
