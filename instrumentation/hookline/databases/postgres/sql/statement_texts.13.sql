-- Texts of statements that were not seen before; reads the whole file of texts, so seldom.
SELECT queryid, left(query, 65536) FROM {schema}.pg_stat_statements(true) WHERE queryid IN (SELECT unnest(%(ids)s::bigint[]))
