-- Which tools did a session call?
SELECT * FROM tool_calls WHERE session_id = {session_id:String} ORDER BY requested LIMIT {limit:UInt32}
