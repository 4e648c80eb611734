-- Vacuums that run; names of relations of other databases are not known here.
SELECT datname, CASE WHEN datname = current_database() THEN relid::regclass::text ELSE relid::text END, phase,
       CASE WHEN heap_blks_total > 0 THEN heap_blks_scanned::float8 / heap_blks_total ELSE 0 END
FROM pg_stat_progress_vacuum
