-- The agents' records among all records, as 0017 feeds them to the derived tables. name is without its prefix, so it reads the same from hooks and
-- from the agent itself.
WITH
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
    LogAttributes AS attributes,
    toUInt8(multiIf(
        LogAttributes['hookline.source'] != '',
            transform(LogAttributes['hookline.source'], ['hook', 'transcript', 'process', 'statusline', 'relay'], [5, 3, 2, 1, 1], 5),
        source = 3, 5, source = 2, 4, source = 1, 3, 0)) AS teller,
    toUInt8(LogAttributes['hookline.session.interactive'] = 'false' OR startsWith(LogAttributes['hookline.session.entrypoint'], 'sdk')) AS is_script
