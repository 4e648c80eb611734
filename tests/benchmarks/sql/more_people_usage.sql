-- The requests of more people, who each did what the first one did.
INSERT INTO usage_state
SELECT f.* REPLACE (
    concat(p.mark, substring(f.session_id, 5)) AS session_id,
    if(f.prompt_id = '', '', concat(p.mark, substring(f.prompt_id, 5))) AS prompt_id,
    concat(f.request_key, p.mark) AS request_key,
    concat('user', toString(p.person)) AS user)
FROM usage_state AS f
CROSS JOIN (SELECT number AS person, leftPad(toString(number), 4, '0') AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
WHERE f.user = 'user0'
