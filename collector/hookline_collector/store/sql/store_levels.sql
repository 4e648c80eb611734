-- Of how many parts do our tables consist, what do they take on the disk, and how many merges of them run?
SELECT count(), sum(bytes_on_disk), (SELECT count() FROM system.merges WHERE database = currentDatabase())
FROM system.parts
WHERE active AND database = currentDatabase()
