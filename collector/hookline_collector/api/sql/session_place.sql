-- Whose is a session, when was it, and on which days is what was worked out of it?
SELECT agent, toString(first_day) AS since, toString(last_day) AS until, started_ns, last_ns, ended_ns
FROM worked_sessions FINAL
WHERE session_id = {session_id:String} AND last_ns > 0
