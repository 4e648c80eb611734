-- Whose is a session, when was it, and on which days is what was worked out of it?
SELECT agent, started_ns, last_ns, ended_ns, first_day, last_day
FROM worked_sessions FINAL
PREWHERE session_id = {session_id:String}
WHERE last_ns > 0
LIMIT 1
