-- The agents' spans among all spans, as 0017 feeds them to the derived tables. A span that claims more than 32 days is cut there; the doctor's
-- probes are no work.
WITH
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
    SpanAttributes AS attributes,
    toUInt8(multiIf(
        source = 2, 3,
        SpanAttributes['hookline.evidence'] != '',
            transform(SpanAttributes['hookline.evidence'], ['observed', 'derived', 'inferred'], [3, 2, 1], 1),
        closed_by = '', 3,
        closed_by IN ('batch', 'turn_end', 'process_gone'), 2,
        1)) AS evidence,
    toUInt8(multiIf(
        source = 2, 4,
        SpanAttributes['hookline.evidence.source'] != '',
            transform(SpanAttributes['hookline.evidence.source'], ['hook', 'native', 'transcript', 'process', 'rule'], [5, 4, 3, 2, 1], 1),
        closed_by != '', 1,
        source = 3, 5,
        3)) AS teller,
    toUInt8(SpanAttributes['hookline.session.interactive'] = 'false' OR startsWith(SpanAttributes['hookline.session.entrypoint'], 'sdk'))
        AS is_script
