-- How did sessions end?
SELECT
    multiIf(
        ended IS NULL, 'still open',
        ended_how = 'session_end', if(end_reason = '', 'ended', concat('ended: ', replaceAll(end_reason, '_', ' '))),
        ended_how = 'process_gone', 'its process was gone',
        ended_how = 'superseded', 'went on as another',
        ended_how = 'timed_out', 'nothing more was heard',
        ended_how) AS how,
    count() AS times
FROM sessions
WHERE last >= $__fromTime AND started <= $__toTime
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
GROUP BY how
ORDER BY times DESC
