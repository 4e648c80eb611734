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
AS WITH ${record_numbers}
SELECT
    ${database_name} AS database,
    toTimeZone(Timestamp, 'UTC') AS time,
    if(LogAttributes['hookline.db.statement_hash'] != '', LogAttributes['hookline.db.statement_hash'], LogAttributes['postgresql.query_id'])
        AS statement_hash,
    LogAttributes['postgresql.wait_event_type'] AS wait_type,
    LogAttributes['postgresql.wait_event'] AS wait_event,
    LogAttributes['postgresql.state'] AS state,
    LogAttributes['db.namespace'] AS namespace,
    LogAttributes['postgresql.application_name'] AS application,
    LogAttributes['user.name'] AS user,
    LogAttributes['network.peer.address'] AS client,
    LogAttributes['hookline.db.backend_type'] AS backend_type,
    LogAttributes['postgresql.query_id'] AS query_id,
    number('postgresql.pid') AS pid,
    LogAttributes['hookline.db.wait.class'] AS wait_class,
    LogAttributes['db.query.text'] AS statement,
    TraceId AS trace_id,
    if(number('hookline.db.sample.count') > 0, number('hookline.db.sample.count'), 1) AS seen,
    if(LogAttributes['hookline.db.sample.interval'] = '', 10., decimal('hookline.db.sample.interval')) AS seconds,
    if(LogAttributes['hookline.db.sample.pids'] = '',
        extractAll(LogAttributes['postgresql.pid'], '[0-9]{1,10}'), extractAll(LogAttributes['hookline.db.sample.pids'], '[0-9]{1,10}')) AS pids,
    toInt64(least(
        if(LogAttributes['hookline.db.statement.duration'] = '', decimal('postgresql.total_exec_time'), decimal('hookline.db.statement.duration') * 1e3),
        1e12)) AS statement_ms,
    toInt64(least(decimal('hookline.db.transaction.duration'), 1e9) * 1e3) AS transaction_ms,
    extractAll(LogAttributes['postgresql.blocking.pids'], '[0-9]{1,10}') AS blocked_by,
    LogAttributes['postgresql.blocking.lock.mode'] AS lock_mode,
    LogAttributes['postgresql.blocking.lock.type'] AS lock_type,
    LogAttributes['postgresql.blocking.lock.relation'] AS lock_relation,
    toInt64(least(decimal('postgresql.blocking.wait_duration'), 1e9) * 1e3) AS waited_ms
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
AS WITH ${record_numbers}
SELECT
    ${database_name} AS database,
    toTimeZone(Timestamp, 'UTC') AS time,
    LogAttributes['hookline.db.lock.incident'] AS incident,
    LogAttributes['hookline.db.lock.phase'] AS phase,
    number('hookline.db.lock.root_pid') AS root_pid,
    number('hookline.db.lock.waiting') AS waiting,
    decimal('hookline.db.lock.longest_s') AS longest_s,
    number('hookline.db.lock.depth') AS depth,
    LogAttributes['hookline.db.lock.tree'] AS tree
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
