-- Which tables wait for vacuum, and how large are they?
SELECT
    concat(toString(schema_name), '.', toString(relation)) AS name,
    toString(database) AS place,
    argMax(size_bytes, hour) AS size,
    argMax(live_rows, hour) AS live,
    argMax(dead_rows, hour) AS dead,
    if(argMax(vacuum_trigger, hour) > 0, dead / argMax(vacuum_trigger, hour), NULL) AS due,
    sum(seq_scans) AS `whole scans`,
    sum(index_scans) AS `index scans`
FROM db_relation_hours(since = toStartOfHour($__fromTime), until = $__toTime)
WHERE index_name = ''
  AND $__conditionalAll(database IN (${database:singlequote}), $database)
GROUP BY database, namespace, schema_name, relation
ORDER BY due DESC, size DESC
LIMIT 100
