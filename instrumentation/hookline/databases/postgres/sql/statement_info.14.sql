-- When statistics were reset, and how often rows were thrown out.
SELECT extract(epoch FROM stats_reset)::float8, dealloc FROM {schema}.pg_stat_statements_info
