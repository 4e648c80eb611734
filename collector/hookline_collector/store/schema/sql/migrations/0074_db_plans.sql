-- One row a plan of a statement: when it was first and last seen. A plan without a name of its own is told apart by its text.
CREATE TABLE IF NOT EXISTS ${database}.db_plans_state ${on_cluster} (
    database LowCardinality(String),
    namespace LowCardinality(String),
    statement_hash String,
    plan_hash String,
    first SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    last SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    query_id SimpleAggregateFunction(max, String),
    source SimpleAggregateFunction(max, String),
    cost SimpleAggregateFunction(max, Float64),
    statement SimpleAggregateFunction(max, String) CODEC(ZSTD(3)),
    plan SimpleAggregateFunction(max, String) CODEC(ZSTD(3))
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY (database, namespace, statement_hash, plan_hash)
SETTINGS ${deduplication};

-- From records of plans, and from those of statements that bring their plan with them.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_plans_mv ${on_cluster}
TO ${database}.db_plans_state
AS ${db_plans_columns}
FROM ${database}.otlp_record
WHERE EventName IN ('db.server.query_plan', 'db.server.top_query') AND LogAttributes['postgresql.query_plan'] != '';

-- The plans that were seen on some UTC days.
CREATE OR REPLACE VIEW ${database}.db_plans_between ${on_cluster}
AS SELECT toString(database) AS database, toString(namespace) AS namespace, statement_hash, plan_hash, first, last, query_id, source, cost, statement, plan
FROM ${database}.db_plans_state FINAL
WHERE toDate(first) <= {until:Date} AND toDate(last) >= {since:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.db_plans ${on_cluster}
AS SELECT * FROM ${database}.db_plans_between(since = '1970-01-01', until = '2149-06-06');
