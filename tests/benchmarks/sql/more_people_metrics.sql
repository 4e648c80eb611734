-- What the sessions and machines of more people used; the collector is one.
INSERT INTO %table%
SELECT m.* REPLACE (
    mapUpdate(m.ResourceAttributes, map('user.name', concat('user', toString(p.person)), 'host.name', concat('laptop', toString(p.person)))) AS ResourceAttributes,
    if(m.Attributes['session.id'] = '', m.Attributes,
        mapUpdate(m.Attributes, map('session.id', concat(p.mark, substring(m.Attributes['session.id'], 5))))) AS Attributes,
    cityHash64(m.Series, p.person) AS Series)
FROM (SELECT * FROM %table% FINAL WHERE ServiceName = 'claude-code' AND ResourceAttributes['user.name'] = 'user0') AS m
CROSS JOIN (SELECT number AS person, concat('p', leftPad(toString(number), 3, '0')) AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
