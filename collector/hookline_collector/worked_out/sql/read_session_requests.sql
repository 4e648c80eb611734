-- As session_requests.sql of the API, of what was worked out.
SELECT prompt_id, request_key, model, agent_id, time_ns, duration_s, total_tokens, cost_usd
FROM worked_requests FINAL
WHERE session_id = {session_id:String}
ORDER BY time_ns
LIMIT {limit:UInt32}
SETTINGS do_not_merge_across_partitions_select_final = 1
