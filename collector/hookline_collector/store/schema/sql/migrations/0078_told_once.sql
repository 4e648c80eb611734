-- The agent's samples, growth of statements and relations stand whole in tables of their own, in a seventh of the room: so they are not kept as records too.
-- What others send under the same names, as the OpenTelemetry Collector does, may say more than those tables know, and is kept as it came.
DROP VIEW IF EXISTS ${database}.otel_logs_mv ${on_cluster};

-- The records themselves, as in 0023.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otel_logs_mv ${on_cluster}
TO ${database}.otel_logs
AS SELECT
    Timestamp,
    TraceId,
    SpanId,
    TraceFlags,
    SeverityText,
    SeverityNumber,
    ServiceName,
    Body,
    ResourceSchemaUrl,
    ResourceAttributes,
    ScopeSchemaUrl,
    ScopeName,
    ScopeVersion,
    ScopeAttributes,
    LogAttributes,
    EventName
FROM ${database}.otlp_record
WHERE NOT (ScopeName = 'hookline.databases' AND EventName IN ('db.server.query_sample', 'db.server.top_query', 'hookline.db.relation'));
