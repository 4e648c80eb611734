-- What is known of these sessions as a whole? Rows are taken as they are, here and below: each expression costs planning, at every question.
SELECT
    session_id, started, last, active, ends, agent, user, host, place, model, previous_id, start_source, prompts, notices, absorbed, calls, stopped, failures,
    sources, starts, is_script, mark
FROM sessions_state FINAL
WHERE session_id IN {sessions:Array(String)}
SETTINGS date_time_output_format = 'unix_timestamp', output_format_json_named_tuples_as_objects = 0
