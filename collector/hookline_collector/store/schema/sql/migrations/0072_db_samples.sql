-- One row what sessions were seen doing alike in a database, in an interval or at one look. The key is all that tells such rows of one moment apart, so a
-- row that is told twice replaces itself. seconds is how long sessions spent so: their sum over a time, divided by it, is the mean number of sessions.
CREATE TABLE IF NOT EXISTS ${database}.db_samples_state ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    statement_hash LowCardinality(String) CODEC(ZSTD(1)),
    wait_type LowCardinality(String) CODEC(ZSTD(1)),
    wait_event LowCardinality(String) CODEC(ZSTD(1)),
    state LowCardinality(String) CODEC(ZSTD(1)),
    namespace LowCardinality(String) CODEC(ZSTD(1)),
    application LowCardinality(String) CODEC(ZSTD(1)),
    user LowCardinality(String) CODEC(ZSTD(1)),
    client LowCardinality(String) CODEC(ZSTD(1)),
    backend_type LowCardinality(String) CODEC(ZSTD(1)),
    query_id LowCardinality(String) CODEC(ZSTD(1)),
    pid Int64 CODEC(T64, ZSTD(1)),
    wait_class LowCardinality(String) CODEC(ZSTD(1)),
    statement LowCardinality(String) CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    seen Int64 CODEC(T64, ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    pids Array(String) CODEC(ZSTD(1)),
    statement_ms Int64 CODEC(T64, ZSTD(1)),
    transaction_ms Int64 CODEC(T64, ZSTD(1)),
    blocked_by Array(String) CODEC(ZSTD(1)),
    lock_mode LowCardinality(String) CODEC(ZSTD(1)),
    lock_type LowCardinality(String) CODEC(ZSTD(1)),
    lock_relation LowCardinality(String) CODEC(ZSTD(1)),
    waited_ms Int64 CODEC(T64, ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY greatest(least(toDate(time), toDate('2040-01-01')), toDate('2020-01-01'))
ORDER BY (database, time, statement_hash, wait_type, wait_event, state, namespace, application, user, client, backend_type, query_id, pid)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

-- From the agent's records, which add up what looked alike, and from those of the OpenTelemetry Collector: a session at one look, every ten seconds.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_samples_mv ${on_cluster}
TO ${database}.db_samples_state
AS ${db_samples_columns}
FROM ${database}.otlp_record
WHERE EventName = 'db.server.query_sample';

-- The samples of some UTC days.
CREATE OR REPLACE VIEW ${database}.db_samples_between ${on_cluster}
AS SELECT
    toString(database) AS database,
    time,
    toString(namespace) AS namespace,
    toString(${wait_class}) AS wait_class,
    toString(wait_type) AS wait_type,
    toString(wait_event) AS wait_event,
    toString(state) AS state,
    toString(statement_hash) AS statement_hash,
    toString(query_id) AS query_id,
    toString(statement) AS statement,
    toString(application) AS application,
    toString(user) AS user,
    toString(client) AS client,
    toString(backend_type) AS backend_type,
    trace_id,
    seen,
    seconds,
    arrayMap(process -> toUInt32OrZero(process), pids) AS pids,
    statement_ms / 1e3 AS statement_s,
    transaction_ms / 1e3 AS transaction_s,
    arrayMap(process -> toUInt32OrZero(process), blocked_by) AS blocked_by,
    toString(lock_mode) AS lock_mode,
    toString(lock_type) AS lock_type,
    toString(lock_relation) AS lock_relation,
    waited_ms / 1e3 AS waited_s
FROM ${database}.db_samples_state FINAL
WHERE toDate(time) BETWEEN {since:Date} AND {until:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.db_samples ${on_cluster}
AS SELECT * FROM ${database}.db_samples_between(since = '1970-01-01', until = '2149-06-06');

-- One row a look at who waits for whom: a tree of sessions below one that holds others up, which is an incident as long as it does.
CREATE TABLE IF NOT EXISTS ${database}.db_locks_state ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    time DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    incident String CODEC(ZSTD(1)),
    phase LowCardinality(String) CODEC(ZSTD(1)),
    root_pid Int64 CODEC(T64, ZSTD(1)),
    waiting Int64 CODEC(T64, ZSTD(1)),
    longest_s Float64 CODEC(ZSTD(1)),
    depth Int64 CODEC(T64, ZSTD(1)),
    tree String CODEC(ZSTD(3))
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY greatest(least(toDate(time), toDate('2040-01-01')), toDate('2020-01-01'))
ORDER BY (database, time, incident)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

-- From the agent's records.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_locks_mv ${on_cluster}
TO ${database}.db_locks_state
AS ${db_locks_columns}
FROM ${database}.otlp_record
WHERE EventName = 'hookline.db.lock_tree';

-- The trees of some UTC days. tree is JSON: sessions, those first who hold others up.
CREATE OR REPLACE VIEW ${database}.db_locks_between ${on_cluster}
AS SELECT toString(database) AS database, time, incident, toString(phase) AS phase, toUInt32(root_pid) AS root_pid, waiting, longest_s, depth, tree
FROM ${database}.db_locks_state FINAL
WHERE toDate(time) BETWEEN {since:Date} AND {until:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.db_locks ${on_cluster}
AS SELECT * FROM ${database}.db_locks_between(since = '1970-01-01', until = '2149-06-06');
