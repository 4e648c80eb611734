-- One row a statement and interval: by how much its counters grew. The key is the statement and the interval's end. exec_squares is the sum of the squares
-- of its calls' times: with it, intervals can be added up and still tell the exact deviation. others are statements that one row without a name adds up.
CREATE TABLE IF NOT EXISTS ${database}.db_statements_state ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    namespace LowCardinality(String) CODEC(ZSTD(1)),
    role LowCardinality(String) CODEC(ZSTD(1)),
    query_id LowCardinality(String) CODEC(ZSTD(1)),
    statement_hash LowCardinality(String) CODEC(ZSTD(1)),
    statement LowCardinality(String) CODEC(ZSTD(1)),
    summary LowCardinality(String) CODEC(ZSTD(1)),
    toplevel LowCardinality(String) CODEC(ZSTD(1)),
    others Int64 CODEC(T64, ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    calls Int64 CODEC(T64, ZSTD(1)),
    rows Int64 CODEC(T64, ZSTD(1)),
    exec_ms Float64 CODEC(ZSTD(1)),
    plan_ms Float64 CODEC(ZSTD(1)),
    max_exec_ms Float64 CODEC(ZSTD(1)),
    exec_squares Float64 CODEC(ZSTD(1)),
    blocks_hit Int64 CODEC(T64, ZSTD(1)),
    blocks_read Int64 CODEC(T64, ZSTD(1)),
    blocks_dirtied Int64 CODEC(T64, ZSTD(1)),
    blocks_written Int64 CODEC(T64, ZSTD(1)),
    temp_blocks_read Int64 CODEC(T64, ZSTD(1)),
    temp_blocks_written Int64 CODEC(T64, ZSTD(1)),
    read_ms Float64 CODEC(ZSTD(1)),
    write_ms Float64 CODEC(ZSTD(1)),
    wal_bytes Int64 CODEC(T64, ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY greatest(least(toDate(time), toDate('2040-01-01')), toDate('2020-01-01'))
ORDER BY (database, time, statement_hash, query_id, namespace, role, toplevel)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

-- From the agent's records and from those of the OpenTelemetry Collector, whose statements are told apart by PostgreSQL's own id alone.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_statements_mv ${on_cluster}
TO ${database}.db_statements_state
AS ${db_statements_columns}
FROM ${database}.otlp_record
WHERE EventName = 'db.server.top_query';

-- The statements of some UTC days, a row an interval.
CREATE OR REPLACE VIEW ${database}.db_statements_between ${on_cluster}
AS SELECT
    toString(database) AS database,
    time,
    toString(namespace) AS namespace,
    toString(role) AS role,
    toString(query_id) AS query_id,
    toString(statement_hash) AS statement_hash,
    toString(statement) AS statement,
    toString(summary) AS summary,
    others,
    seconds,
    calls,
    rows,
    exec_ms / 1e3 AS exec_s,
    plan_ms / 1e3 AS plan_s,
    max_exec_ms / 1e3 AS max_exec_s,
    exec_squares / 1e6 AS exec_squares,
    blocks_hit, blocks_read, blocks_dirtied, blocks_written, temp_blocks_read, temp_blocks_written,
    read_ms / 1e3 AS read_s,
    write_ms / 1e3 AS write_s,
    wal_bytes
FROM ${database}.db_statements_state FINAL
WHERE toDate(time) BETWEEN {since:Date} AND {until:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.db_statements ${on_cluster}
AS SELECT * FROM ${database}.db_statements_between(since = '1970-01-01', until = '2149-06-06');
