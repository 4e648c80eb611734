-- What coding agents sent, with the attributes that every derived table asks for read once. Both tables hold nothing: their views
-- feed the derived tables. Everything else that passes through otel_traces and otel_logs costs one comparison of its scope's name.
--
-- source ranks who speaks where several say something of one thing: 3 hook, 2 the agent's own telemetry, 1 transcript, 0 collector.
-- days are the UTC days that a span touches (at most 32), so that a derived table can be cut by day without losing what reaches into it.
CREATE TABLE IF NOT EXISTS ${database}.agent_spans ${on_cluster} (
    session_id String,
    prompt_id String,
    source UInt8,
    span_id String,
    name String,
    started DateTime64(9, 'UTC'),
    ended DateTime64(9, 'UTC'),
    days Array(Date),
    agent String,
    user String,
    host String,
    project String,
    branch String,
    revision String,
    agent_id String,
    model String,
    outcome String,
    closed_by String,
    error_type String,
    attributes Map(LowCardinality(String), String)
)
ENGINE = Null;

-- The agents' spans among all spans. A span that claims more than 32 days is cut there; the doctor's probes are no work.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.agent_spans_mv ${on_cluster}
TO ${database}.agent_spans
AS WITH
    (map, names) -> arrayFirst(value -> value != '', arrayMap(name -> map[name], names)) AS first_of
SELECT
    SpanAttributes['session.id'] AS session_id,
    SpanAttributes['hookline.prompt.id'] AS prompt_id,
    toUInt8(multiIf(ScopeName = 'hookline.agent', 3, ScopeName = 'hookline.history', 1, 2)) AS source,
    SpanId AS span_id,
    toString(SpanName) AS name,
    toTimeZone(Timestamp, 'UTC') AS started,
    addNanoseconds(started, least(Duration, 2764800000000000)) AS ended,
    arrayMap(n -> toDate(started) + n, range(0, toUInt16(1 + dateDiff('day', started, ended)))) AS days,
    ResourceAttributes['service.name'] AS agent,
    first_of(mapConcat(SpanAttributes, ResourceAttributes), ['user.name', 'user.email', 'user.account_uuid', 'user.id']) AS user,
    ResourceAttributes['host.name'] AS host,
    SpanAttributes['hookline.project.name'] AS project,
    SpanAttributes['vcs.ref.head.name'] AS branch,
    SpanAttributes['vcs.ref.head.revision'] AS revision,
    first_of(SpanAttributes, ['gen_ai.agent.id', 'agent_id']) AS agent_id,
    SpanAttributes['gen_ai.request.model'] AS model,
    SpanAttributes['hookline.outcome'] AS outcome,
    SpanAttributes['hookline.closed_by'] AS closed_by,
    SpanAttributes['error.type'] AS error_type,
    SpanAttributes AS attributes
FROM ${database}.otel_traces
WHERE (ScopeName IN ('hookline.agent', 'hookline.history') OR startsWith(ScopeName, 'com.anthropic.claude_code'))
  AND SpanAttributes['session.id'] != '' AND NOT startsWith(SpanAttributes['session.id'], 'hookline-doctor-');

-- The same of log records. began is the time less the duration that the record gives, so of one that tells of an end it is the beginning.
CREATE TABLE IF NOT EXISTS ${database}.agent_logs ${on_cluster} (
    session_id String,
    prompt_id String,
    source UInt8,
    span_id String,
    name String,
    began DateTime64(9, 'UTC'),
    time DateTime64(9, 'UTC'),
    days Array(Date),
    agent String,
    user String,
    host String,
    project String,
    branch String,
    revision String,
    agent_id String,
    model String,
    attributes Map(LowCardinality(String), String)
)
ENGINE = Null;

-- The agents' records among all records. name is without its prefix, so it reads the same from hooks and from the agent itself.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.agent_logs_mv ${on_cluster}
TO ${database}.agent_logs
AS WITH
    (map, names) -> arrayFirst(value -> value != '', arrayMap(name -> map[name], names)) AS first_of
SELECT
    LogAttributes['session.id'] AS session_id,
    first_of(LogAttributes, ['hookline.prompt.id', 'prompt.id']) AS prompt_id,
    toUInt8(multiIf(ScopeName = 'hookline.agent', 3, ScopeName = 'hookline.history', 1, ScopeName = 'hookline.collector', 0, 2)) AS source,
    SpanId AS span_id,
    replaceRegexpOne(if(EventName = '', LogAttributes['event.name'], EventName), '^(hookline|claude_code)\\.', '') AS name,
    subtractNanoseconds(time, toInt64(least(toFloat64OrZero(LogAttributes['duration_ms']), 2764800000.) * 1e6)) AS began,
    toTimeZone(Timestamp, 'UTC') AS time,
    arrayMap(n -> toDate(began) + n, range(0, toUInt16(1 + dateDiff('day', began, time)))) AS days,
    ResourceAttributes['service.name'] AS agent,
    first_of(mapConcat(LogAttributes, ResourceAttributes), ['user.name', 'user.email', 'user.account_uuid', 'user.id']) AS user,
    ResourceAttributes['host.name'] AS host,
    LogAttributes['hookline.project.name'] AS project,
    LogAttributes['vcs.ref.head.name'] AS branch,
    LogAttributes['vcs.ref.head.revision'] AS revision,
    first_of(LogAttributes, ['gen_ai.agent.id', 'agent_id']) AS agent_id,
    first_of(LogAttributes, ['gen_ai.request.model', 'gen_ai.response.model', 'model']) AS model,
    LogAttributes AS attributes
FROM ${database}.otel_logs
WHERE (ScopeName IN ('hookline.agent', 'hookline.history') OR startsWith(ScopeName, 'com.anthropic.claude_code')
       OR (ScopeName = 'hookline.collector' AND EventName = 'hookline.session.closed'))
  AND LogAttributes['session.id'] != '' AND NOT startsWith(LogAttributes['session.id'], 'hookline-doctor-');
