-- What happened in a session besides its turns, requests and calls (subagents, compactions and waits), as each source tells it?
SELECT
    kind, id, source, prompt_id, agent_id, call_id, reason,
    toUnixTimestamp64Nano(started) AS from_ns,
    a.ending.1 AS step,
    toUnixTimestamp64Nano(a.ending.3) AS to_ns,
    a.ending.5 AS outcome
FROM activity_state AS a FINAL
PREWHERE session_id = {session_id:String} AND day BETWEEN {since:Date} AND {until:Date} AND kind IN ('subagent', 'compaction', 'wait')
