-- While which times did the machine sleep under these sessions?
SELECT session_id, slept, woke, mark
FROM suspends_state FINAL
WHERE session_id IN {sessions:Array(String)}
SETTINGS date_time_output_format = 'unix_timestamp', output_format_json_named_tuples_as_objects = 0
