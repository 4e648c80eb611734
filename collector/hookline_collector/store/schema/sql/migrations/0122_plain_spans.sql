-- A third of what a large insert of spans costs does not depend on its rows: the engine plans each view anew. Spans of no agent start none of the agents'
-- views here, and come a scope a row, with a column for each field: how deep the types are nested is most of what their flattening costs to be planned.
CREATE TABLE IF NOT EXISTS ${database}.otlp_scope ${on_cluster} (
    resource Tuple(attributes ${plain_attributes}, dropped_attributes_count UInt32),
    scope Tuple(name String, version String),
    `spans.trace_id` Array(String),
    `spans.span_id` Array(String),
    `spans.trace_state` Array(String),
    `spans.parent_span_id` Array(String),
    `spans.name` Array(String),
    `spans.kind` Array(Int32),
    `spans.start_time_unix_nano` Array(UInt64),
    `spans.end_time_unix_nano` Array(UInt64),
    `spans.attributes` Array(${plain_attributes}),
    `spans.events` Array(Array(Tuple(time_unix_nano UInt64, name String, attributes ${plain_attributes}))),
    `spans.links` Array(Array(Tuple(trace_id String, span_id String, trace_state String, attributes ${plain_attributes}))),
    `spans.status` Array(Tuple(message String, code Int32))
)
ENGINE = Null;

-- One row a span on its way to the tables, as otlp_span.
CREATE TABLE IF NOT EXISTS ${database}.otlp_plain_span ${on_cluster} AS ${database}.otlp_span ENGINE = Null;

-- The spans themselves.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otel_traces_plain_mv ${on_cluster}
TO ${database}.otel_traces
AS SELECT *
FROM ${database}.otlp_plain_span;

-- From when to when a trace lasted, as in 0023.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otel_traces_trace_id_ts_plain_mv ${on_cluster}
TO ${database}.otel_traces_trace_id_ts
AS SELECT
    TraceId,
    toDateTime(min(Timestamp)) AS Start,
    toDateTime(max(Timestamp)) AS End
FROM ${database}.otlp_plain_span
WHERE TraceId != ''
GROUP BY TraceId;

-- The view that fills the requests is made anew.
DROP VIEW IF EXISTS ${database}.requests_of_spans_mv ${on_cluster};

-- As in 0071, in half the time.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.requests_of_spans_mv ${on_cluster}
TO ${database}.requests_state
AS ${requests_of_spans_columns}
FROM ${database}.otlp_span
WHERE SpanKind = 'Server' AND SpanId != '';

-- The same of spans of no agent.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.requests_of_plain_spans_mv ${on_cluster}
TO ${database}.requests_state
AS ${requests_of_spans_columns}
FROM ${database}.otlp_plain_span
WHERE SpanKind = 'Server' AND SpanId != '';

-- Flattens scopes into spans, as 0023 flattens requests. Last, so that nothing comes before what hangs on it is there.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_scope_mv ${on_cluster}
TO ${database}.otlp_plain_span
AS WITH ${plain_functions},
    strings(resource.attributes) AS resource_strings
SELECT
    moment(start_time_unix_nano) AS Timestamp,
    lower(hex(trace_id)) AS TraceId,
    lower(hex(span_id)) AS SpanId,
    lower(hex(parent_span_id)) AS ParentSpanId,
    trace_state AS TraceState,
    name AS SpanName,
    transform(kind, [0, 1, 2, 3, 4, 5], ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'], '') AS SpanKind,
    resource_strings['service.name'] AS ServiceName,
    resource_strings AS ResourceAttributes,
    scope.name AS ScopeName,
    scope.version AS ScopeVersion,
    strings(attributes) AS SpanAttributes,
    if(end_time_unix_nano > start_time_unix_nano, end_time_unix_nano - start_time_unix_nano, 0) AS Duration,
    transform(status.code, [0, 1, 2], ['Unset', 'Ok', 'Error'], '') AS StatusCode,
    status.message AS StatusMessage,
    arrayMap(event -> moment(event.time_unix_nano), events) AS `Events.Timestamp`,
    events.name AS `Events.Name`,
    arrayMap(event -> strings(event.attributes), events) AS `Events.Attributes`,
    arrayMap(link -> lower(hex(link.trace_id)), links) AS `Links.TraceId`,
    arrayMap(link -> lower(hex(link.span_id)), links) AS `Links.SpanId`,
    links.trace_state AS `Links.TraceState`,
    arrayMap(link -> strings(link.attributes), links) AS `Links.Attributes`
FROM (
    SELECT
        resource, scope, trace_id, span_id, trace_state, parent_span_id, name, kind, start_time_unix_nano, end_time_unix_nano, attributes, events, links, status
    FROM ${database}.otlp_scope
    ARRAY JOIN
        `spans.trace_id` AS trace_id,
        `spans.span_id` AS span_id,
        `spans.trace_state` AS trace_state,
        `spans.parent_span_id` AS parent_span_id,
        `spans.name` AS name,
        `spans.kind` AS kind,
        `spans.start_time_unix_nano` AS start_time_unix_nano,
        `spans.end_time_unix_nano` AS end_time_unix_nano,
        `spans.attributes` AS attributes,
        `spans.events` AS events,
        `spans.links` AS links,
        `spans.status` AS status
);
