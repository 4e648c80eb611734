-- What kinds of files were read, edited and written? Of days that are over by what they add up to, else call by call.
WITH
    1 AS is_by_hours,
    {{known_days}}
SELECT
    if(file_extension = '', 'without', toString(file_extension)) AS kind,
    sumIf(calls, tool = 'Read') AS read,
    sumIf(calls, tool IN ('Edit', 'MultiEdit', 'NotebookEdit')) AS edited,
    sumIf(calls, tool = 'Write') AS written,
    uniqExactArray(sessions) AS in_sessions
FROM (
    SELECT tool, file_extension, tool_calls AS calls, sessions
    FROM worked_days FINAL
    PREWHERE
        {{is_added_up}}
        AND grain = 9
        AND $__conditionalAll(user IN (${person:singlequote}), $person)
        AND $__conditionalAll(project IN (${project:singlequote}), $project)
        AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
    UNION ALL
    SELECT tool, file_extension, toUInt64(1), [sipHash64(session_id)]
    {{calls_of_range}}
      AND tool IN ('Read', 'Edit', 'MultiEdit', 'NotebookEdit', 'Write') AND outcome = 'success'
      AND NOT (
          {{is_added_up}}
      )
)
GROUP BY file_extension
ORDER BY edited + written DESC, read DESC
LIMIT 30
