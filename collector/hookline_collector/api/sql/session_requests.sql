-- Which requests to models did a session make?
SELECT
    prompt_id, request_key, model, agent_id, toUnixTimestamp64Nano(u.time) AS time_ns, duration_s, total_tokens, cost_usd
FROM usage_between(since = {since:Date}, until = {until:Date}) AS u
WHERE session_id = {session_id:String}
ORDER BY time_ns
LIMIT {limit:UInt32}
