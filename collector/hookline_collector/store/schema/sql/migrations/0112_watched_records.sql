-- Eight views read records of databases and of slow requests, which few requests hold, and the engine plans each view of a table for every insert, some
-- ten milliseconds of processor time a view. So these hang on a table of their own that holds nothing: what it is not given starts none of them.
CREATE TABLE IF NOT EXISTS ${database}.otlp_watched_record ${on_cluster} AS ${database}.otlp_record ENGINE = Null;

-- (as above)
DROP VIEW IF EXISTS ${database}.db_samples_mv ${on_cluster};

-- As in 0072.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_samples_mv ${on_cluster}
TO ${database}.db_samples_state
AS ${db_samples_columns}
FROM ${database}.otlp_watched_record
WHERE EventName = 'db.server.query_sample';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_locks_mv ${on_cluster};

-- As in 0072.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_locks_mv ${on_cluster}
TO ${database}.db_locks_state
AS ${db_locks_columns}
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.db.lock_tree';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_statements_mv ${on_cluster};

-- As in 0073.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_statements_mv ${on_cluster}
TO ${database}.db_statements_state
AS ${db_statements_columns}
FROM ${database}.otlp_watched_record
WHERE EventName = 'db.server.top_query';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_plans_mv ${on_cluster};

-- As in 0074.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_plans_mv ${on_cluster}
TO ${database}.db_plans_state
AS ${db_plans_columns}
FROM ${database}.otlp_watched_record
WHERE EventName IN ('db.server.query_plan', 'db.server.top_query') AND LogAttributes['postgresql.query_plan'] != '';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_relations_mv ${on_cluster};

-- As in 0075.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_relations_mv ${on_cluster}
TO ${database}.db_relations_state
AS ${db_relations_columns}
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.db.relation';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_verdicts_mv ${on_cluster};

-- As in 0076.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_verdicts_mv ${on_cluster}
TO ${database}.db_verdicts_state
AS ${db_verdicts_columns}
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.db.verdict' AND LogAttributes['hookline.db.verdict.id'] != '';

-- (as above)
DROP VIEW IF EXISTS ${database}.requests_of_logs_mv ${on_cluster};

-- As in 0071.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.requests_of_logs_mv ${on_cluster}
TO ${database}.requests_state
AS ${requests_of_logs_columns}
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.slow_request' AND SpanId != '';

-- (as above)
DROP VIEW IF EXISTS ${database}.request_statements_mv ${on_cluster};

-- As in 0094.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.request_statements_mv ${on_cluster}
TO ${database}.request_statements
AS ${request_statements_columns}
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.slow_request' AND SpanId != '';

-- What they read, of all records. Last, so that nothing comes before what hangs on it is there.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_watched_record_mv ${on_cluster}
TO ${database}.otlp_watched_record
AS SELECT *
FROM ${database}.otlp_record
WHERE EventName IN (
    'db.server.query_plan', 'db.server.query_sample', 'db.server.top_query', 'hookline.db.lock_tree', 'hookline.db.relation', 'hookline.db.verdict',
    'hookline.slow_request');
