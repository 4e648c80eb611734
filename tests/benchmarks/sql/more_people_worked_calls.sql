-- The calls of more people, who each did what the first one did.
INSERT INTO worked_calls
SELECT w.* REPLACE (
    concat(p.mark, substring(w.session_id, 5)) AS session_id,
    if(w.prompt_id = '', '', concat(p.mark, substring(w.prompt_id, 5))) AS prompt_id,
    concat(w.call_id, p.mark) AS call_id,
    concat('user', toString(p.person)) AS user)
FROM worked_calls AS w FINAL
CROSS JOIN (SELECT number AS person, concat('p', leftPad(toString(number), 3, '0')) AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
WHERE w.user = 'user0'
