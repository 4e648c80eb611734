-- Which of these sessions were worked out before, as which version, and on which days are their rows?
SELECT session_id, version, toUInt16(first_day), toUInt16(last_day), hash
FROM worked_sessions FINAL
WHERE session_id IN {sessions:Array(String)}
