-- What did the statements of a database do (or the one of {statement_hash}), and how long were sessions busy with them?
SELECT
    if(s.statement_hash != '', s.statement_hash, l.statement_hash) AS statement_hash,
    s.query_id AS query_id,
    if(s.query_text != '', s.query_text, l.query_text) AS query_text,
    s.summary AS summary,
    s.namespace AS namespace,
    s.role AS role,
    s.calls AS calls,
    s.calls / {seconds:Float64} AS call_rate,
    s.total_s AS total_s,
    if(s.calls > 0, s.total_s / s.calls, NULL) AS mean_s,
    if(s.squares > 0 AND s.calls > 0, sqrt(greatest(s.squares / s.calls - pow(s.total_s / s.calls, 2), 0)), NULL) AS deviation_s,
    if(s.longest_s > 0, s.longest_s, NULL) AS max_s,
    s.plan_s AS plan_s,
    s.result_rows AS result_rows,
    s.blocks_hit AS blocks_hit,
    s.blocks_read AS blocks_read,
    s.blocks_dirtied AS blocks_dirtied,
    s.blocks_written AS blocks_written,
    s.temp_blocks_read AS temp_blocks_read,
    s.temp_blocks_written AS temp_blocks_written,
    s.read_s AS read_s,
    s.write_s AS write_s,
    s.wal_bytes AS wal_bytes,
    if(sum(s.total_s) OVER () > 0, 100 * s.total_s / sum(s.total_s) OVER (), 0) AS share_percent,
    l.load_s / {seconds:Float64} AS active_sessions,
    l.wait_class AS wait_class
FROM (
    SELECT
        statement_hash, any(query_id) AS query_id, anyLast(statement) AS query_text, anyLast(summary) AS summary, any(namespace) AS namespace,
        any(role) AS role, sum(calls) AS calls, sum(exec_s) AS total_s, sum(exec_squares) AS squares, max(max_exec_s) AS longest_s, sum(plan_s) AS plan_s,
        sum(rows) AS result_rows, sum(blocks_hit) AS blocks_hit, sum(blocks_read) AS blocks_read, sum(blocks_dirtied) AS blocks_dirtied,
        sum(blocks_written) AS blocks_written, sum(temp_blocks_read) AS temp_blocks_read, sum(temp_blocks_written) AS temp_blocks_written,
        sum(read_s) AS read_s, sum(write_s) AS write_s, sum(wal_bytes) AS wal_bytes
    FROM (
        SELECT * EXCEPT (time, database)
        FROM db_statements_between(since = {first_day:Date}, until = {last_day:Date})
        WHERE {by_hours:UInt8} = 0 AND time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String}
          AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
        UNION ALL
        SELECT namespace, role, query_id, statement_hash, statement, summary, 0, seconds, calls, rows, exec_s, plan_s, max_exec_s, exec_squares,
            blocks_hit, blocks_read, blocks_dirtied, blocks_written, temp_blocks_read, temp_blocks_written, read_s, write_s, wal_bytes
        FROM db_statement_hours(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
        WHERE {by_hours:UInt8} = 1 AND database = {database:String}
          AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
    )
    WHERE statement_hash != ''
    GROUP BY statement_hash
) AS s
FULL JOIN (
    SELECT toString(statement_hash) AS statement_hash, anyLast(toString(statement)) AS query_text, sum(of_class) AS load_s,
        argMax(class, of_class) AS wait_class
    FROM (
        SELECT statement_hash, toString(wait_class) AS class, anyLast(statement) AS statement, sum(seconds) AS of_class
        FROM db_load(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
        WHERE database = {database:String} AND statement_hash != '' AND wait_class NOT IN ('idle_in_transaction', 'sleep')
          AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
        GROUP BY statement_hash, class
    )
    GROUP BY statement_hash
) AS l ON l.statement_hash = s.statement_hash
ORDER BY
    multiIf(
        {order:String} = 'calls', toFloat64(calls),
        {order:String} = 'mean', ifNull(mean_s, 0),
        {order:String} = 'rows', toFloat64(result_rows),
        {order:String} = 'reads', toFloat64(blocks_read),
        {order:String} = 'load', active_sessions,
        total_s) DESC,
    active_sessions DESC
LIMIT {limit:UInt32}
