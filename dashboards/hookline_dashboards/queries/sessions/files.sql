-- What kinds of files were read, edited and written?
SELECT
    if(file_extension = '', 'without', toString(file_extension)) AS kind,
    countIf(tool = 'Read') AS read,
    countIf(tool IN ('Edit', 'MultiEdit', 'NotebookEdit')) AS edited,
    countIf(tool = 'Write') AS written,
    uniq(session_id) AS in_sessions
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started) AND tool IN ('Read', 'Edit', 'MultiEdit', 'NotebookEdit', 'Write') AND outcome = 'success'
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY kind
ORDER BY edited + written DESC, read DESC
LIMIT 30
