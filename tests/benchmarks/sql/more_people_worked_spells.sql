-- The runs of work of more people, who each did what the first one did.
INSERT INTO worked_spells
SELECT w.* REPLACE (
    concat('user', toString(p.person)) AS user,
    arrayMap(each -> concat(p.mark, substring(each, 5)), w.sessions) AS sessions,
    arrayMap(each -> concat(p.mark, substring(each, 5)), w.prompts) AS prompts)
FROM worked_spells AS w FINAL
CROSS JOIN (SELECT number AS person, concat('p', leftPad(toString(number), 3, '0')) AS mark FROM numbers({first:UInt64}, {people:UInt64})) AS p
WHERE w.user = 'user0'
