-- Which turns did a session have?
SELECT * FROM turns WHERE session_id = {session_id:String} ORDER BY started
