-- Tables by their parts.
SELECT database, table, sum(parts), max(parts), sum(rows), sum(bytes)
FROM (SELECT database, table, partition_id, count() AS parts, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active
      GROUP BY database, table, partition_id)
GROUP BY database, table ORDER BY sum(bytes) DESC LIMIT 500
