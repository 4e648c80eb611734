-- The half hours of more people, who each did what the first one did.
INSERT INTO worked_clocks
SELECT w.* REPLACE (
    if(w.session_id = '', '', concat(p.mark, substring(w.session_id, 5))) AS session_id,
    concat('user', toString(p.person)) AS user)
FROM worked_clocks AS w FINAL
CROSS JOIN (SELECT number AS person, concat('p', leftPad(toString(number), 3, '0')) AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
WHERE w.user = 'user0'
