-- Keep only the newest entries of the log.
DELETE FROM deliveries WHERE seq <= (SELECT max(seq) FROM deliveries) - :most
