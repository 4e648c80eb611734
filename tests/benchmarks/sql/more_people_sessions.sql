-- The sessions of more people, who each did what the first one did. Their marks are those of all their facts, which are left out: what was worked out of
-- them is copied as it is.
INSERT INTO sessions_state
SELECT f.* REPLACE (
    concat(p.mark, substring(f.session_id, 5)) AS session_id,
    (f.user.1, f.user.2, f.user.3, concat('user', toString(p.person))) AS user,
    made_of AS mark)
FROM sessions_state AS f FINAL
INNER JOIN (SELECT session_id, made_of FROM worked_sessions FINAL WHERE user = 'user0') AS w ON w.session_id = f.session_id
CROSS JOIN (SELECT number AS person, concat('p', leftPad(toString(number), 3, '0')) AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
