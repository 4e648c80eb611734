-- What is the last version of anything that was worked out?
SELECT max(version) FROM (SELECT version FROM worked_sessions UNION ALL SELECT max(version) FROM worked_clocks)
