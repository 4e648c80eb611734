-- Whose is a session, and when was it?
SELECT agent, started, last, ended
FROM sessions
WHERE session_id = {session_id:String}
LIMIT 1
