-- Which tools did a session call, as its waterfall shows them?
SELECT
    prompt_id, call_id, agent_id, tool, fromUnixTimestamp64Nano(requested_ns, 'UTC') AS requested, fromUnixTimestamp64Nano(started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(ended_ns, 'UTC') AS ended, wait_s, outcome, error_type, evidence, process_cpu_s,
    toBool(process_cpu_shared) AS process_cpu_shared
FROM worked_calls FINAL
PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id = {session_id:String}
ORDER BY requested_ns
LIMIT {limit:UInt32}
