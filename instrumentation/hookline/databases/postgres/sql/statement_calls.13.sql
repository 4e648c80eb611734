-- First step: which statements were called. `false` leaves the file of texts alone.
SELECT userid, dbid, queryid, true, calls FROM {schema}.pg_stat_statements(false) WHERE queryid IS NOT NULL
