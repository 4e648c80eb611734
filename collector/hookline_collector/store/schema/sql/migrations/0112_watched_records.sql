-- Eight views read records of databases and of slow requests, which few requests hold, and the engine plans each view of a table for every insert, some
-- ten milliseconds of processor time a view. So these hang on a table of their own that holds nothing: what it is not given starts none of them.
CREATE TABLE IF NOT EXISTS ${database}.otlp_watched_record ${on_cluster} AS ${database}.otlp_record ENGINE = Null;

-- (as above)
DROP VIEW IF EXISTS ${database}.db_samples_mv ${on_cluster};

-- As in 0072.
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
FROM ${database}.otlp_watched_record
WHERE EventName = 'db.server.query_sample';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_locks_mv ${on_cluster};

-- As in 0072.
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
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.db.lock_tree';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_statements_mv ${on_cluster};

-- As in 0073.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_statements_mv ${on_cluster}
TO ${database}.db_statements_state
AS WITH ${record_numbers}
SELECT
    ${database_name} AS database,
    toTimeZone(Timestamp, 'UTC') AS time,
    LogAttributes['db.namespace'] AS namespace,
    LogAttributes['postgresql.rolname'] AS role,
    LogAttributes['postgresql.queryid'] AS query_id,
    if(LogAttributes['hookline.db.statement_hash'] != '', LogAttributes['hookline.db.statement_hash'], LogAttributes['postgresql.queryid'])
        AS statement_hash,
    LogAttributes['db.query.text'] AS statement,
    LogAttributes['db.query.summary'] AS summary,
    LogAttributes['hookline.db.statement.toplevel'] AS toplevel,
    number('hookline.db.statement.others') AS others,
    decimal('hookline.db.interval') AS seconds,
    number('postgresql.calls') AS calls,
    number('postgresql.rows') AS rows,
    decimal('postgresql.total_exec_time') AS exec_ms,
    decimal('postgresql.total_plan_time') AS plan_ms,
    decimal('hookline.db.statement.max_exec_time') AS max_exec_ms,
    decimal('hookline.db.statement.exec_time_squares') AS exec_squares,
    number('postgresql.shared_blks_hit') AS blocks_hit,
    number('postgresql.shared_blks_read') AS blocks_read,
    number('postgresql.shared_blks_dirtied') AS blocks_dirtied,
    number('postgresql.shared_blks_written') AS blocks_written,
    number('postgresql.temp_blks_read') AS temp_blocks_read,
    number('postgresql.temp_blks_written') AS temp_blocks_written,
    decimal('hookline.db.statement.blk_read_time') AS read_ms,
    decimal('hookline.db.statement.blk_write_time') AS write_ms,
    number('hookline.db.statement.wal_bytes') AS wal_bytes
FROM ${database}.otlp_watched_record
WHERE EventName = 'db.server.top_query';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_plans_mv ${on_cluster};

-- As in 0074.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_plans_mv ${on_cluster}
TO ${database}.db_plans_state
AS WITH ${record_numbers}
SELECT
    ${database_name} AS database,
    LogAttributes['db.namespace'] AS namespace,
    if(LogAttributes['hookline.db.statement_hash'] != '', LogAttributes['hookline.db.statement_hash'], LogAttributes['postgresql.queryid'])
        AS statement_hash,
    if(LogAttributes['hookline.db.plan.hash'] != '', LogAttributes['hookline.db.plan.hash'], toString(sipHash64(LogAttributes['postgresql.query_plan'])))
        AS plan_hash,
    toTimeZone(Timestamp, 'UTC') AS first,
    first AS last,
    LogAttributes['postgresql.queryid'] AS query_id,
    LogAttributes['hookline.db.plan.source'] AS source,
    decimal('hookline.db.plan.cost') AS cost,
    LogAttributes['db.query.text'] AS statement,
    LogAttributes['postgresql.query_plan'] AS plan
FROM ${database}.otlp_watched_record
WHERE EventName IN ('db.server.query_plan', 'db.server.top_query') AND LogAttributes['postgresql.query_plan'] != '';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_relations_mv ${on_cluster};

-- As in 0075.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_relations_mv ${on_cluster}
TO ${database}.db_relations_state
AS WITH ${record_numbers}
SELECT
    ${database_name} AS database,
    toTimeZone(Timestamp, 'UTC') AS time,
    LogAttributes['db.namespace'] AS namespace,
    LogAttributes['hookline.db.relation.schema'] AS schema_name,
    LogAttributes['hookline.db.relation.name'] AS relation,
    LogAttributes['hookline.db.relation.index'] AS index_name,
    decimal('hookline.db.interval') AS seconds,
    number('hookline.db.relation.size') AS size_bytes,
    number('hookline.db.relation.rows') AS live_rows,
    number('hookline.db.relation.dead_rows') AS dead_rows,
    number('hookline.db.relation.vacuum_trigger') AS vacuum_trigger,
    number('hookline.db.relation.seq_scans') AS seq_scans,
    number('hookline.db.relation.seq_rows') AS seq_rows,
    number('hookline.db.relation.index_scans') AS index_scans,
    number('hookline.db.relation.inserted') AS inserted,
    number('hookline.db.relation.updated') AS updated,
    number('hookline.db.relation.deleted') AS deleted,
    number('hookline.db.relation.hot_updated') AS hot_updated,
    number('hookline.db.relation.blocks_read') AS blocks_read,
    number('hookline.db.relation.blocks_hit') AS blocks_hit,
    number('hookline.db.relation.xid_age') AS xid_age,
    decimal('hookline.db.relation.free_share') AS free_share,
    number('hookline.db.relation.parts') AS parts,
    LogAttributes['hookline.db.relation.vacuumed'] AS vacuumed
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.db.relation';

-- (as above)
DROP VIEW IF EXISTS ${database}.db_verdicts_mv ${on_cluster};

-- As in 0076.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_verdicts_mv ${on_cluster}
TO ${database}.db_verdicts_state
AS WITH ${record_numbers}
SELECT
    ${database_name} AS database,
    LogAttributes['hookline.db.verdict.id'] AS verdict_id,
    toUnixTimestamp64Nano(Timestamp) AS told_ns,
    LogAttributes['hookline.db.verdict.phase'] AS phase,
    LogAttributes['hookline.db.verdict.class'] AS class,
    decimal('hookline.db.verdict.share') AS share,
    decimal('hookline.db.verdict.share_low') AS share_low,
    decimal('hookline.db.verdict.share_high') AS share_high,
    if(number('hookline.db.verdict.since') <= 0, told_ns, least(number('hookline.db.verdict.since'), 4102444800000000000)) AS since_ns,
    if(number('hookline.db.verdict.until') <= 0, told_ns, least(number('hookline.db.verdict.until'), 4102444800000000000)) AS until_ns,
    decimal('hookline.db.verdict.certainty') AS certainty,
    number('hookline.db.verdict.samples') AS samples,
    LogAttributes['hookline.db.verdict.culprit'] AS culprit,
    LogAttributes['hookline.db.verdict.culprit.kind'] AS culprit_kind,
    LogAttributes['hookline.db.verdict.text'] AS summary,
    LogAttributes['hookline.db.verdict.next_step'] AS next_step,
    LogAttributes['hookline.db.verdict.excluded'] AS excluded,
    LogAttributes['hookline.db.verdict.statements'] AS statements
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.db.verdict' AND LogAttributes['hookline.db.verdict.id'] != '';

-- (as above)
DROP VIEW IF EXISTS ${database}.requests_of_logs_mv ${on_cluster};

-- As in 0071.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.requests_of_logs_mv ${on_cluster}
TO ${database}.requests_state
AS WITH ${record_numbers}
SELECT
    toDate(started) AS day,
    ServiceName AS service,
    concat(TraceId, ':', SpanId) AS request_id,
    toInt64(least(decimal('hookline.request.duration'), 1e6) * 1e9) AS duration_ns,
    fromUnixTimestamp64Nano(greatest(toUnixTimestamp64Nano(Timestamp) - duration_ns, 0), 'UTC') AS started,
    TraceId AS trace_id,
    SpanId AS span_id,
    if(LogAttributes['http.route'] != '', LogAttributes['http.route'], LogAttributes['rpc.method']) AS route,
    if(LogAttributes['http.request.method'] != '', LogAttributes['http.request.method'], LogAttributes['rpc.system.name']) AS method,
    if(LogAttributes['http.response.status_code'] != '', LogAttributes['http.response.status_code'], LogAttributes['rpc.response.status_code'])
        AS status_code,
    LogAttributes['error.type'] AS error_type,
    toUInt8(error_type != '' OR reason = 'failed') AS is_failure,
    toUInt8(0) AS has_span,
    toUInt8(1) AS has_log,
    ResourceAttributes['service.version'] AS version,
    ResourceAttributes['service.instance.id'] AS instance,
    ResourceAttributes['host.name'] AS host,
    LogAttributes['hookline.request.reason'] AS reason,
    decimal('hookline.request.threshold') AS threshold_s,
    decimal('hookline.request.first_byte') AS first_byte_s,
    toUInt8(LogAttributes['hookline.request.disconnected'] = 'true') AS is_disconnected,
    number('hookline.request.db.calls') AS db_calls,
    decimal('hookline.request.db.time') AS db_s,
    decimal('hookline.request.loop_lag') AS loop_lag_s,
    decimal('hookline.request.gc_pause') AS gc_s,
    number('hookline.request.repeated.most') AS repeated_calls,
    LogAttributes['hookline.request.repeated'] AS repeated,
    number('hookline.request.calls_left_out') AS calls_left_out,
    LogAttributes['hookline.request.calls'] AS calls
FROM ${database}.otlp_watched_record
WHERE EventName = 'hookline.slow_request' AND SpanId != '';

-- (as above)
DROP VIEW IF EXISTS ${database}.request_statements_mv ${on_cluster};

-- As in 0094.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.request_statements_mv ${on_cluster}
TO ${database}.request_statements
AS WITH ${record_numbers}
SELECT
    arrayJoin(arrayDistinct(extractAll(LogAttributes['hookline.request.calls'], '"hash": ?"([0-9a-zA-Z]{1,64})"'))) AS statement_hash,
    toDate(fromUnixTimestamp64Nano(
        greatest(toUnixTimestamp64Nano(Timestamp) - toInt64(least(decimal('hookline.request.duration'), 1e6) * 1e9), 0), 'UTC')) AS day,
    ServiceName AS service,
    concat(TraceId, ':', SpanId) AS request_id
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
