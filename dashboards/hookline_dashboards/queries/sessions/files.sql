-- What kinds of files were read, edited and written?
SELECT
    if(file_extension = '', 'without', toString(file_extension)) AS kind,
    countIf(tool = 'Read') AS read,
    countIf(tool IN ('Edit', 'MultiEdit', 'NotebookEdit')) AS edited,
    countIf(tool = 'Write') AS written,
    uniq(session_id) AS in_sessions
{{calls_of_range}}
  AND tool IN ('Read', 'Edit', 'MultiEdit', 'NotebookEdit', 'Write') AND outcome = 'success'
GROUP BY file_extension
ORDER BY edited + written DESC, read DESC
LIMIT 30
