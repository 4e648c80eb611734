-- Plans of statements. Of records, for the views that fill the table.
WITH ${record_numbers}
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
