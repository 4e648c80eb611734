-- How often did a session change files of which kind?
SELECT file_extension, count() AS tool_calls
FROM worked_calls FINAL
PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id = {session_id:String}
WHERE tool IN ('Edit', 'MultiEdit', 'Write', 'NotebookEdit') AND outcome = 'success' AND file_extension != ''
GROUP BY file_extension
ORDER BY tool_calls DESC, file_extension
LIMIT 100
