-- What are the texts of statements that sessions were seen busy with?
SELECT statement_hash, anyLast(statement) AS query_text
FROM db_samples_state
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND database = {database:String} AND statement_hash IN {hashes:Array(String)}
GROUP BY statement_hash
