-- The sessions of more people, who each did what the first one did.
INSERT INTO sessions_state
SELECT f.* REPLACE (
    concat(p.mark, substring(f.session_id, 5)) AS session_id,
    (f.user.1, f.user.2, f.user.3, concat('user', toString(p.person))) AS user)
FROM sessions_state AS f
CROSS JOIN (SELECT number AS person, leftPad(toString(number), 4, '0') AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
WHERE f.user.4 = 'user0'
