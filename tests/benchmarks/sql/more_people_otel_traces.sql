-- What the agents of more people told of themselves, in sessions and calls of their own.
INSERT INTO otel_traces
SELECT t.* REPLACE (
    mapUpdate(t.ResourceAttributes, map('user.name', concat('user', toString(p.person)))) AS ResourceAttributes,
    mapUpdate(t.SpanAttributes, mapConcat(
        map('session.id', concat(p.mark, substring(t.SpanAttributes['session.id'], 5))),
        if(t.SpanAttributes['gen_ai.tool.call.id'] = '', map(), map('gen_ai.tool.call.id', concat(t.SpanAttributes['gen_ai.tool.call.id'], p.mark))))) AS SpanAttributes,
    concat(p.mark, substring(t.TraceId, 5)) AS TraceId,
    concat(p.mark, substring(t.SpanId, 5)) AS SpanId)
FROM (SELECT * FROM otel_traces WHERE ServiceName = 'claude-code' AND ResourceAttributes['user.name'] = 'user0') AS t
CROSS JOIN (SELECT number AS person, concat('p', leftPad(toString(number), 3, '0')) AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
