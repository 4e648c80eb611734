-- What is known of one session?
SELECT * FROM sessions WHERE session_id = {session_id:String}
