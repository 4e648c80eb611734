-- The activity of more people, who each did what the first one did.
INSERT INTO activity_state
SELECT f.* REPLACE (
    concat(p.mark, substring(f.session_id, 5)) AS session_id,
    if(f.prompt_id = '', '', concat(p.mark, substring(f.prompt_id, 5))) AS prompt_id,
    concat(p.mark, substring(f.id, 5)) AS id,
    concat('user', toString(p.person)) AS user)
FROM activity_state AS f
CROSS JOIN (SELECT number AS person, leftPad(toString(number), 4, '0') AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
WHERE f.user = 'user0'
