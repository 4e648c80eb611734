-- What are the tables and indexes of a database, and what was done with them, in hours that are worked out?
SELECT
    namespace, schema_name, relation, index_name, argMax(size_bytes, hour) AS size_bytes, argMax(live_rows, hour) AS live_rows, argMax(dead_rows, hour) AS dead_rows,
    argMax(vacuum_trigger, hour) AS vacuum_trigger, sum(seq_scans) AS seq_scans, sum(seq_rows) AS seq_rows, sum(index_scans) AS index_scans
FROM db_relations_1h FINAL
WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')} AND database = {database:String}
GROUP BY namespace, schema_name, relation, index_name
