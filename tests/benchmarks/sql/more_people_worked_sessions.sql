-- The sessions, as worked out, of more people, who each did what the first one did.
INSERT INTO worked_sessions
SELECT w.* REPLACE (
    concat(p.mark, substring(w.session_id, 5)) AS session_id,
    concat('user', toString(p.person)) AS user)
FROM worked_sessions AS w FINAL
CROSS JOIN (SELECT number AS person, concat('p', leftPad(toString(number), 3, '0')) AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
WHERE w.user = 'user0'
