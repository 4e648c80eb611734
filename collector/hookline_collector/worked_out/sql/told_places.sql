-- In which places were prompts of these sessions seen, and when?
SELECT session_id, prompt_id, project, branch, revision, times, mark
FROM places_state FINAL
WHERE session_id IN {sessions:Array(String)}
SETTINGS date_time_output_format = 'unix_timestamp', output_format_json_named_tuples_as_objects = 0
