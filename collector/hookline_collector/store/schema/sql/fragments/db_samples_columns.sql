-- What backends of a database did when they were looked at. Of records, for the views that fill the table.
WITH ${record_numbers}
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
