-- On which days is what was worked out of a session?
SELECT toString(first_day) AS first_day, toString(last_day) AS last_day
FROM worked_sessions FINAL
WHERE session_id = {session_id:String}
