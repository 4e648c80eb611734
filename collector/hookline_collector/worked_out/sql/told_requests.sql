-- What was told of these API requests, by whichever session?
SELECT
    request_key, source, model, has_id, session_id, prompt_id, time, agent, user, account, host, project, branch, agent_id, is_subagent, input_tokens,
    output_tokens, cache_read_tokens, cache_creation_tokens, cache_1h_tokens, client_cost_usd, duration_ms, mark
FROM usage_state FINAL
WHERE request_key IN {keys:Array(String)} AND day BETWEEN toDate({since:UInt16}) AND toDate({until:UInt16})
SETTINGS date_time_output_format = 'unix_timestamp', output_format_json_named_tuples_as_objects = 0
