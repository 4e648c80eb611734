-- What a request's rows feed no longer hangs on the tables themselves: small requests come as rows that Python made, for every table its own,
-- and must not start the views. Requests that come as bytes pass a table that holds nothing, and the views hang on that.
DROP VIEW IF EXISTS ${database}.otlp_traces_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.otlp_logs_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.otel_traces_trace_id_ts_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.agent_spans_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.agent_logs_mv ${on_cluster};

-- One row a span on its way to the tables: the columns of otel_traces.
CREATE TABLE IF NOT EXISTS ${database}.otlp_span ${on_cluster} (
    Timestamp DateTime64(9),
    TraceId String,
    SpanId String,
    ParentSpanId String,
    TraceState String,
    SpanName LowCardinality(String),
    SpanKind LowCardinality(String),
    ServiceName LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    ScopeName String,
    ScopeVersion String,
    SpanAttributes Map(LowCardinality(String), String),
    Duration UInt64,
    StatusCode LowCardinality(String),
    StatusMessage String,
    Events Nested (
        Timestamp DateTime64(9),
        Name LowCardinality(String),
        Attributes Map(LowCardinality(String), String)
    ),
    Links Nested (
        TraceId String,
        SpanId String,
        TraceState String,
        Attributes Map(LowCardinality(String), String)
    )
)
ENGINE = Null;

-- One row a log record on its way to the tables: the columns of otel_logs.
CREATE TABLE IF NOT EXISTS ${database}.otlp_record ${on_cluster} (
    Timestamp DateTime64(9),
    TraceId String,
    SpanId String,
    TraceFlags UInt8,
    SeverityText LowCardinality(String),
    SeverityNumber UInt8,
    ServiceName LowCardinality(String),
    Body String,
    ResourceSchemaUrl LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    ScopeSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion LowCardinality(String),
    ScopeAttributes Map(LowCardinality(String), String),
    LogAttributes Map(LowCardinality(String), String),
    EventName String
)
ENGINE = Null;

-- The spans themselves.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otel_traces_mv ${on_cluster}
TO ${database}.otel_traces
AS SELECT
    Timestamp,
    TraceId,
    SpanId,
    ParentSpanId,
    TraceState,
    SpanName,
    SpanKind,
    ServiceName,
    ResourceAttributes,
    ScopeName,
    ScopeVersion,
    SpanAttributes,
    Duration,
    StatusCode,
    StatusMessage,
    `Events.Timestamp`,
    `Events.Name`,
    `Events.Attributes`,
    `Links.TraceId`,
    `Links.SpanId`,
    `Links.TraceState`,
    `Links.Attributes`
FROM ${database}.otlp_span;

-- The records themselves.
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
FROM ${database}.otlp_record;

-- From when to when a trace lasted, as in 0001.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otel_traces_trace_id_ts_mv ${on_cluster}
TO ${database}.otel_traces_trace_id_ts
AS SELECT
    TraceId,
    toDateTime(min(Timestamp)) AS Start,
    toDateTime(max(Timestamp)) AS End
FROM ${database}.otlp_span
WHERE TraceId != ''
GROUP BY TraceId;

-- The agents' spans among all spans, as in 0017.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.agent_spans_mv ${on_cluster}
TO ${database}.agent_spans
AS ${agent_spans_columns}
FROM ${database}.otlp_span
${agent_spans_scope};

-- The agents' records among all records, as in 0017.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.agent_logs_mv ${on_cluster}
TO ${database}.agent_logs
AS ${agent_logs_columns}
FROM ${database}.otlp_record
${agent_logs_scope};

-- Flattens requests into spans, as in 0001. Last, so that nothing comes before what hangs on it is there.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_traces_mv ${on_cluster}
TO ${database}.otlp_span
AS WITH ${functions}
SELECT
    moment(span.start_time_unix_nano) AS Timestamp,
    lower(hex(span.trace_id)) AS TraceId,
    lower(hex(span.span_id)) AS SpanId,
    lower(hex(span.parent_span_id)) AS ParentSpanId,
    span.trace_state AS TraceState,
    span.name AS SpanName,
    transform(span.kind, [0, 1, 2, 3, 4, 5], ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'], '') AS SpanKind,
    resource_strings['service.name'] AS ServiceName,
    resource_strings AS ResourceAttributes,
    scope.name AS ScopeName,
    scope.version AS ScopeVersion,
    strings(span.attributes) AS SpanAttributes,
    if(span.end_time_unix_nano > span.start_time_unix_nano, span.end_time_unix_nano - span.start_time_unix_nano, 0) AS Duration,
    transform(span.status.code, [0, 1, 2], ['Unset', 'Ok', 'Error'], '') AS StatusCode,
    span.status.message AS StatusMessage,
    arrayMap(event -> moment(event.time_unix_nano), span.events) AS `Events.Timestamp`,
    span.events.name AS `Events.Name`,
    arrayMap(event -> strings(event.attributes), span.events) AS `Events.Attributes`,
    arrayMap(link -> lower(hex(link.trace_id)), span.links) AS `Links.TraceId`,
    arrayMap(link -> lower(hex(link.span_id)), span.links) AS `Links.SpanId`,
    span.links.trace_state AS `Links.TraceState`,
    arrayMap(link -> strings(link.attributes), span.links) AS `Links.Attributes`
FROM (
    SELECT resource_strings, scoped.scope AS scope, arrayJoin(scoped.spans) AS span
    FROM (
        SELECT strings(entry.resource.attributes) AS resource_strings, arrayJoin(entry.scope_spans) AS scoped
        FROM (SELECT arrayJoin(resource_spans) AS entry FROM ${database}.otlp_traces)
    )
);

-- Flattens requests into records, as in 0002.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_logs_mv ${on_cluster}
TO ${database}.otlp_record
AS WITH ${functions}
SELECT
    moment(if(record.time_unix_nano = 0, record.observed_time_unix_nano, record.time_unix_nano)) AS Timestamp,
    lower(hex(record.trace_id)) AS TraceId,
    lower(hex(record.span_id)) AS SpanId,
    toUInt8(bitAnd(record.flags, 255)) AS TraceFlags,
    record.severity_text AS SeverityText,
    toUInt8(greatest(0, least(255, record.severity_number))) AS SeverityNumber,
    resource_strings['service.name'] AS ServiceName,
    text(record.body) AS Body,
    resource_schema_url AS ResourceSchemaUrl,
    resource_strings AS ResourceAttributes,
    scope_schema_url AS ScopeSchemaUrl,
    scope.name AS ScopeName,
    scope.version AS ScopeVersion,
    scope_strings AS ScopeAttributes,
    strings(record.attributes) AS LogAttributes,
    record.event_name AS EventName
FROM (
    SELECT
        resource_strings,
        resource_schema_url,
        scoped.scope AS scope,
        strings(scoped.scope.attributes) AS scope_strings,
        scoped.schema_url AS scope_schema_url,
        arrayJoin(scoped.log_records) AS record
    FROM (
        SELECT
            strings(entry.resource.attributes) AS resource_strings,
            entry.schema_url AS resource_schema_url,
            arrayJoin(entry.scope_logs) AS scoped
        FROM (SELECT arrayJoin(resource_logs) AS entry FROM ${database}.otlp_logs)
    )
);
