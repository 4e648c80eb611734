-- How old the oldest transaction ids are, and who holds vacuum back.
SELECT (SELECT max(age(datfrozenxid)) FROM pg_database), (SELECT max(mxid_age(datminmxid)) FROM pg_database),
       (SELECT max(age(backend_xmin)) FROM pg_stat_activity WHERE backend_type <> 'walsender' AND pid <> pg_backend_pid()),
       (SELECT max(age(transaction)) FROM pg_prepared_xacts),
       (SELECT max(greatest(age(xmin), age(catalog_xmin))) FROM pg_replication_slots), (SELECT max(age(backend_xmin)) FROM pg_stat_replication),
       current_setting('autovacuum_freeze_max_age')::bigint
