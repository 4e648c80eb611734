-- The same in looks behind those hours.
SELECT
    namespace, schema_name, relation, index_name, argMax(size_bytes, time) AS size_bytes, argMax(live_rows, time) AS live_rows, argMax(dead_rows, time) AS dead_rows,
    argMax(vacuum_trigger, time) AS vacuum_trigger, sum(seq_scans) AS seq_scans, sum(seq_rows) AS seq_rows, sum(index_scans) AS index_scans
FROM db_relations_state FINAL
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String}
GROUP BY namespace, schema_name, relation, index_name
