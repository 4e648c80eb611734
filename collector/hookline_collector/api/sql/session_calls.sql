-- Which tools did a session call, as its waterfall shows them?
SELECT
    prompt_id, call_id, agent_id, tool, requested, started, ended, wait_s, outcome, error_type, evidence, process_cpu_s,
    toBool(process_cpu_shared) AS process_cpu_shared
FROM tool_calls_between(since = {since:Date}, until = {until:Date})
WHERE session_id = {session_id:String}
ORDER BY requested
LIMIT {limit:UInt32}
