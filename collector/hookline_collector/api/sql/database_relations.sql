-- What are the largest tables and indexes of a database, and what was done with them: in hours that are worked out, and in looks behind them?
SELECT
    namespace, schema_name, relation, index_name, argMax(size_bytes, at) AS size_bytes, argMax(live_rows, at) AS live_rows, argMax(dead_rows, at) AS dead_rows,
    argMax(vacuum_trigger, at) AS vacuum_trigger, sum(seq_scans) AS seq_scans, sum(seq_rows) AS seq_rows, sum(index_scans) AS index_scans
FROM (
    SELECT namespace, schema_name, relation, index_name, hour AS at, size_bytes, live_rows, dead_rows, vacuum_trigger, seq_scans, seq_rows, index_scans
    FROM db_relations_1h FINAL
    WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')} AND hour < {worked_until:DateTime('UTC')} AND database = {database:String}
    UNION ALL
    SELECT namespace, schema_name, relation, index_name, time, size_bytes, live_rows, dead_rows, vacuum_trigger, seq_scans, seq_rows, index_scans
    FROM db_relations_state FINAL
    WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND time >= {worked_until:DateTime('UTC')} AND database = {database:String}
)
GROUP BY namespace, schema_name, relation, index_name
ORDER BY size_bytes DESC
LIMIT {limit:UInt32}
