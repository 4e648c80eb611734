-- What was told of these sessions' turns, subagents, compactions, waits and hand-overs?
SELECT
    session_id, prompt_id, kind, id, source, toUInt16(day), started, linked_prompt, ended, is_span, ending, seen, reason, agent, user, host, model, agent_id,
    call_id, prompt_length, place, is_script, absorbed, mark
FROM activity_state FINAL
WHERE session_id IN {sessions:Array(String)} AND day BETWEEN toDate({since:UInt16}) AND toDate({until:UInt16})
SETTINGS date_time_output_format = 'unix_timestamp', output_format_json_named_tuples_as_objects = 0
