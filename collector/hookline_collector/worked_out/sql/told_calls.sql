-- What was told of these sessions' calls?
SELECT
    session_id, call_id, source, toUInt16(day), tool, prompt_id, agent, user, host, agent_id, mcp_server, file_extension, background,
    requested, started, ended, run_ms, whole_ms, ending, said, wait_ends, decided, place, input_bytes, output_bytes, decision, decision_source, tool_kind,
    process_cpu_ms, mark
FROM tool_calls_state FINAL
WHERE session_id IN {sessions:Array(String)} AND day BETWEEN toDate({since:UInt16}) AND toDate({until:UInt16})
SETTINGS date_time_output_format = 'unix_timestamp', output_format_json_named_tuples_as_objects = 0
