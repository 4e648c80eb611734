-- As read_lengths.sql, of whole days as they were added up.
SELECT toUInt8(grain = 12) AS of_project, KEY AS key, sum(block_ns)
FROM worked_days
WHERE grain IN {grains:Array(UInt8)} AND IS_ADDED_UP
GROUP BY of_project, key
