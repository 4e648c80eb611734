-- The records of what more people's hooks took and of their requests.
INSERT INTO otel_logs
SELECT t.* REPLACE (
    mapUpdate(t.ResourceAttributes, map('user.name', concat('user', toString(p.person)))) AS ResourceAttributes,
    mapUpdate(t.LogAttributes, map('session.id', concat(p.mark, substring(t.LogAttributes['session.id'], 5)))) AS LogAttributes)
FROM (SELECT * FROM otel_logs WHERE ServiceName = 'claude-code' AND ResourceAttributes['user.name'] = 'user0') AS t
CROSS JOIN (SELECT number AS person, concat('p', leftPad(toString(number), 3, '0')) AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
