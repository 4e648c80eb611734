-- What are the largest tables and indexes of a database, and what was done with them?
SELECT
    toString(namespace) AS namespace, toString(schema_name) AS schema_name, toString(relation) AS relation, toString(index_name) AS index_name,
    argMax(size_bytes, hour) AS size_bytes, argMax(live_rows, hour) AS live_rows, argMax(dead_rows, hour) AS dead_rows,
    argMax(vacuum_trigger, hour) AS vacuum_trigger, sum(seq_scans) AS seq_scans, sum(seq_rows) AS seq_rows, sum(index_scans) AS index_scans
FROM db_relation_hours(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
WHERE database = {database:String}
GROUP BY namespace, schema_name, relation, index_name
ORDER BY size_bytes DESC
LIMIT {limit:UInt32}
