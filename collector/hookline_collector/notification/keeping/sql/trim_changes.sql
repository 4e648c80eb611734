-- Keep only the newest changes.
DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - :most
