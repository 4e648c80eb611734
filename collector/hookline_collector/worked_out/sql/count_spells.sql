-- How many spells of everything and of each project are in and around a period, at most: what was replaced counts until it is merged.
SELECT countIf(of_project = 0), countIf(of_project = 1)
FROM worked_spells
WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1
