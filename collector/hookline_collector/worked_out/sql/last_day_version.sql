-- What was the last version of what days add up to?
SELECT max(version) FROM worked_days
