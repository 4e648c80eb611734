-- One row a table or index and look: how large it is, and by how much its counters grew. index_name is empty for a table itself.
CREATE TABLE IF NOT EXISTS ${database}.db_relations_state ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    namespace LowCardinality(String) CODEC(ZSTD(1)),
    schema_name LowCardinality(String) CODEC(ZSTD(1)),
    relation LowCardinality(String) CODEC(ZSTD(1)),
    index_name LowCardinality(String) CODEC(ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    size_bytes Int64 CODEC(T64, ZSTD(1)),
    live_rows Int64 CODEC(T64, ZSTD(1)),
    dead_rows Int64 CODEC(T64, ZSTD(1)),
    vacuum_trigger Int64 CODEC(T64, ZSTD(1)),
    seq_scans Int64 CODEC(T64, ZSTD(1)),
    seq_rows Int64 CODEC(T64, ZSTD(1)),
    index_scans Int64 CODEC(T64, ZSTD(1)),
    inserted Int64 CODEC(T64, ZSTD(1)),
    updated Int64 CODEC(T64, ZSTD(1)),
    deleted Int64 CODEC(T64, ZSTD(1)),
    hot_updated Int64 CODEC(T64, ZSTD(1)),
    blocks_read Int64 CODEC(T64, ZSTD(1)),
    blocks_hit Int64 CODEC(T64, ZSTD(1)),
    xid_age Int64 CODEC(T64, ZSTD(1)),
    free_share Float64 CODEC(ZSTD(1)),
    parts Int64 CODEC(T64, ZSTD(1)),
    vacuumed String CODEC(ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY greatest(least(toDate(time), toDate('2040-01-01')), toDate('2020-01-01'))
ORDER BY (database, time, namespace, schema_name, relation, index_name)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

-- From the agent's records.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_relations_mv ${on_cluster}
TO ${database}.db_relations_state
AS ${db_relations_columns}
FROM ${database}.otlp_record
WHERE EventName = 'hookline.db.relation';
