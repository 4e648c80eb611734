-- As session_files.sql of the API, of what was worked out.
SELECT file_extension, count() AS tool_calls
FROM worked_calls FINAL
WHERE session_id = {session_id:String} AND tool IN ('Edit', 'MultiEdit', 'Write', 'NotebookEdit') AND outcome = 'success' AND file_extension != ''
GROUP BY file_extension
ORDER BY tool_calls DESC, file_extension
LIMIT 100
SETTINGS do_not_merge_across_partitions_select_final = 1
