-- Whole texts of the statements whose plans are asked for; one author's text never stands for another's.
SELECT userid, dbid, queryid, left(query, 65536) FROM {schema}.pg_stat_statements(true) WHERE queryid = ANY(%(ids)s)
