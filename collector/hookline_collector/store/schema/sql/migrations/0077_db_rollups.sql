-- How long whom sessions kept busy, by the minute: what is kept of samples once they are gone, and what long ranges read. The newest version of a row
-- counts: an hour whose samples came late is worked out again. No insert fills this: a service does, hour by hour.
CREATE TABLE IF NOT EXISTS ${database}.db_load_1m ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    wait_class LowCardinality(String) CODEC(ZSTD(1)),
    wait_event LowCardinality(String) CODEC(ZSTD(1)),
    namespace LowCardinality(String) CODEC(ZSTD(1)),
    application LowCardinality(String) CODEC(ZSTD(1)),
    statement_hash LowCardinality(String) CODEC(ZSTD(1)),
    statement LowCardinality(String) CODEC(ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    samples Int64 CODEC(T64, ZSTD(1)),
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY greatest(least(toYYYYMM(minute), 204001), 202001)
ORDER BY (database, minute, wait_class, wait_event, namespace, application, statement_hash)
SETTINGS ${deduplication};

-- What statements did, by the hour.
CREATE TABLE IF NOT EXISTS ${database}.db_statements_1h ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    namespace LowCardinality(String) CODEC(ZSTD(1)),
    role LowCardinality(String) CODEC(ZSTD(1)),
    query_id LowCardinality(String) CODEC(ZSTD(1)),
    statement_hash LowCardinality(String) CODEC(ZSTD(1)),
    statement LowCardinality(String) CODEC(ZSTD(1)),
    summary LowCardinality(String) CODEC(ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    calls Int64 CODEC(T64, ZSTD(1)),
    rows Int64 CODEC(T64, ZSTD(1)),
    exec_s Float64 CODEC(ZSTD(1)),
    plan_s Float64 CODEC(ZSTD(1)),
    max_exec_s Float64 CODEC(ZSTD(1)),
    exec_squares Float64 CODEC(ZSTD(1)),
    blocks_hit Int64 CODEC(T64, ZSTD(1)),
    blocks_read Int64 CODEC(T64, ZSTD(1)),
    blocks_dirtied Int64 CODEC(T64, ZSTD(1)),
    blocks_written Int64 CODEC(T64, ZSTD(1)),
    temp_blocks_read Int64 CODEC(T64, ZSTD(1)),
    temp_blocks_written Int64 CODEC(T64, ZSTD(1)),
    read_s Float64 CODEC(ZSTD(1)),
    write_s Float64 CODEC(ZSTD(1)),
    wal_bytes Int64 CODEC(T64, ZSTD(1)),
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY greatest(least(toYYYYMM(hour), 204001), 202001)
ORDER BY (database, hour, statement_hash, query_id, namespace, role)
SETTINGS ${deduplication};

-- What tables and indexes were and did, by the hour: sizes and ages as they were last, counters as what they grew by.
CREATE TABLE IF NOT EXISTS ${database}.db_relations_1h ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
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
    vacuumed String CODEC(ZSTD(1)),
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY greatest(least(toYYYYMM(hour), 204001), 202001)
ORDER BY (database, hour, namespace, schema_name, relation, index_name)
SETTINGS ${deduplication};

-- Which hours of what were worked out, from how many rows.
CREATE TABLE IF NOT EXISTS ${database}.db_rollup_hours ${on_cluster} (
    what LowCardinality(String),
    hour DateTime('UTC'),
    points UInt64,
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
ORDER BY (what, hour)
SETTINGS ${deduplication};

-- Samples by the minute, worked out from the samples.
CREATE OR REPLACE VIEW ${database}.db_load_of_samples ${on_cluster}
AS SELECT
    database,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    wait_class,
    wait_event,
    namespace,
    application,
    statement_hash,
    any(statement) AS statement,
    sum(seconds) AS seconds,
    sum(seen) AS samples
FROM (
    SELECT database, time, ${wait_class} AS wait_class, wait_event, namespace, application, statement_hash, statement, seconds, seen
    FROM ${database}.db_samples_state FINAL
    WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')}
)
GROUP BY database, minute, wait_class, wait_event, namespace, application, statement_hash;

-- How long whom sessions kept busy, by the minute, up to now: what was worked out, and the hours behind it from their samples. The mean number of active
-- sessions of a time is the sum of seconds, divided by that time.
CREATE OR REPLACE VIEW ${database}.db_load ${on_cluster}
AS SELECT * EXCEPT version
FROM ${database}.db_load_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')}
  AND minute < (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'samples')
UNION ALL
SELECT *
FROM ${database}.db_load_of_samples(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'samples')),
    until = {until:DateTime('UTC')});

-- Statements by the hour, worked out from what they grew by.
CREATE OR REPLACE VIEW ${database}.db_statement_hours_told ${on_cluster}
AS SELECT
    database,
    toStartOfHour(toDateTime(time, 'UTC')) AS hour,
    namespace,
    role,
    query_id,
    statement_hash,
    anyLast(statement) AS statement,
    anyLast(summary) AS summary,
    sum(seconds) AS seconds,
    sum(calls) AS calls,
    sum(rows) AS rows,
    sum(exec_ms) / 1e3 AS exec_s,
    sum(plan_ms) / 1e3 AS plan_s,
    max(max_exec_ms) / 1e3 AS max_exec_s,
    sum(exec_squares) / 1e6 AS exec_squares,
    sum(blocks_hit) AS blocks_hit,
    sum(blocks_read) AS blocks_read,
    sum(blocks_dirtied) AS blocks_dirtied,
    sum(blocks_written) AS blocks_written,
    sum(temp_blocks_read) AS temp_blocks_read,
    sum(temp_blocks_written) AS temp_blocks_written,
    sum(read_ms) / 1e3 AS read_s,
    sum(write_ms) / 1e3 AS write_s,
    sum(wal_bytes) AS wal_bytes
FROM ${database}.db_statements_state FINAL
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')}
GROUP BY database, hour, namespace, role, query_id, statement_hash;

-- What statements did, by the hour, up to now.
CREATE OR REPLACE VIEW ${database}.db_statement_hours ${on_cluster}
AS SELECT * EXCEPT version
FROM ${database}.db_statements_1h FINAL
WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
  AND hour < (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'statements')
UNION ALL
SELECT *
FROM ${database}.db_statement_hours_told(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'statements')),
    until = {until:DateTime('UTC')});

-- Tables and indexes by the hour, worked out from their looks.
CREATE OR REPLACE VIEW ${database}.db_relation_hours_told ${on_cluster}
AS SELECT
    database,
    toStartOfHour(toDateTime(r.time, 'UTC')) AS hour,
    namespace,
    schema_name,
    relation,
    index_name,
    sum(r.seconds) AS seconds,
    argMax(r.size_bytes, r.time) AS size_bytes,
    argMax(r.live_rows, r.time) AS live_rows,
    argMax(r.dead_rows, r.time) AS dead_rows,
    argMax(r.vacuum_trigger, r.time) AS vacuum_trigger,
    sum(r.seq_scans) AS seq_scans,
    sum(r.seq_rows) AS seq_rows,
    sum(r.index_scans) AS index_scans,
    sum(r.inserted) AS inserted,
    sum(r.updated) AS updated,
    sum(r.deleted) AS deleted,
    sum(r.hot_updated) AS hot_updated,
    sum(r.blocks_read) AS blocks_read,
    sum(r.blocks_hit) AS blocks_hit,
    argMax(r.xid_age, r.time) AS xid_age,
    argMax(r.free_share, r.time) AS free_share,
    argMax(r.parts, r.time) AS parts,
    argMax(r.vacuumed, r.time) AS vacuumed
FROM ${database}.db_relations_state AS r FINAL
WHERE r.time >= {since:DateTime('UTC')} AND r.time < {until:DateTime('UTC')}
GROUP BY database, hour, namespace, schema_name, relation, index_name;

-- What tables and indexes were and did, by the hour, up to now.
CREATE OR REPLACE VIEW ${database}.db_relation_hours ${on_cluster}
AS SELECT * EXCEPT version
FROM ${database}.db_relations_1h FINAL
WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
  AND hour < (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'relations')
UNION ALL
SELECT *
FROM ${database}.db_relation_hours_told(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'relations')),
    until = {until:DateTime('UTC')});

-- The looks at tables and indexes of some UTC days.
CREATE OR REPLACE VIEW ${database}.db_relations_between ${on_cluster}
AS SELECT
    toString(database) AS database,
    time,
    toString(namespace) AS namespace,
    toString(schema_name) AS schema_name,
    toString(relation) AS relation,
    toString(index_name) AS index_name,
    seconds, size_bytes, live_rows, dead_rows, vacuum_trigger, seq_scans, seq_rows, index_scans,
    inserted, updated, deleted, hot_updated, blocks_read, blocks_hit, xid_age, free_share, parts,
    vacuumed
FROM ${database}.db_relations_state FINAL
WHERE toDate(time) BETWEEN {since:Date} AND {until:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.db_relations ${on_cluster}
AS SELECT * FROM ${database}.db_relations_between(since = '1970-01-01', until = '2149-06-06');
