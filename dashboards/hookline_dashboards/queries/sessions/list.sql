-- Which sessions were there, how long, with what done in them, and how did they end?
SELECT
    session_id AS session,
    toString(project) AS place,
    toString(branch) AS on_branch,
    toString(user) AS who,
    started AS began,
    dateDiff('millisecond', started, last) / 1000 AS lasted,
    multiIf(
        ended IS NULL, 'open',
        ended_how = 'session_end', 'ended',
        ended_how = 'process_gone', 'its process was gone',
        ended_how = 'superseded', 'went on as another',
        ended_how = 'timed_out', 'nothing more was heard',
        ended_how) AS state,
    evidence AS known,
    prompts AS asked,
    calls AS called,
    failures AS failed,
    nullIf(total_tokens, 0) AS tokens,
    cost_usd AS cost,
    lines.added AS lines_added,
    lines.removed AS lines_removed,
    toString(model) AS with_model
FROM sessions
LEFT JOIN (
    SELECT
        attributes['session.id'] AS of_session,
        sumOrNullIf(increase, attributes['type'] = 'added') AS added,
        sumOrNullIf(increase, attributes['type'] = 'removed') AS removed
    FROM sum_values(
        metrics = ['claude_code.lines_of_code.count', 'gemini_cli.lines.changed'], since = toDateTime(86400, 'UTC'), until = $__toTime, step = 3600)
    GROUP BY of_session
) AS lines ON lines.of_session = session_id
WHERE last >= $__fromTime AND started <= $__toTime
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
ORDER BY last DESC
LIMIT 500
