-- Which requests to models did a session make?
SELECT
    prompt_id, request_key, model, agent_id, time_ns, duration_s, total_tokens, cost_usd
FROM worked_requests FINAL
PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id = {session_id:String}
ORDER BY time_ns
LIMIT {limit:UInt32}
