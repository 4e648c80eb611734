-- Where more people worked, who each did what the first one did.
INSERT INTO places_state
SELECT f.* REPLACE (
    concat(p.mark, substring(f.session_id, 5)) AS session_id,
    if(f.prompt_id = '', '', concat(p.mark, substring(f.prompt_id, 5))) AS prompt_id)
FROM places_state AS f
CROSS JOIN (SELECT number AS person, leftPad(toString(number), 4, '0') AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
WHERE f.session_id IN (SELECT s.session_id FROM sessions_state AS s WHERE s.user.4 = 'user0')
