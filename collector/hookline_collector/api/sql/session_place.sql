-- Whose is a session, and when was it?
SELECT
    agent, toUnixTimestamp64Nano(s.started) AS started_ns, toUnixTimestamp64Nano(s.last) AS last_ns, toUnixTimestamp64Nano(s.ended) AS ended_ns
FROM sessions AS s
WHERE session_id = {session_id:String}
LIMIT 1
