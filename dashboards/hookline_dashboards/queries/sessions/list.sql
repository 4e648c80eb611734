-- Which sessions were there, how long, with what done in them, and how did they end?
WITH
    ['claude_code.lines_of_code.count', 'gemini_cli.lines.changed'] AS of_metrics,
    (SELECT max(hour) + 3600 FROM metric_rollup_hours) AS rows_from
SELECT
    session_id AS session,
    toString(project) AS place,
    toString(branch) AS on_branch,
    toString(user) AS who,
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS began,
    (intDiv(last_ns, 1000000) - intDiv(started_ns, 1000000)) / 1000 AS lasted,
    multiIf(
        ended_ns IS NULL, 'open',
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
FROM worked_sessions FINAL
LEFT JOIN (
    SELECT
        session_id AS of_session,
        sumOrNullIf(increase, type = 'added') AS added,
        sumOrNullIf(increase, type = 'removed') AS removed
    FROM (
        SELECT session_id, Attributes['type'] AS type, Increase AS increase
        FROM otel_metrics_1h FINAL
        PREWHERE MetricName IN of_metrics AND Bucket <= $__toTime
        UNION ALL
        SELECT Attributes['session.id'], Attributes['type'],
            {{increase_of_sum}}
        FROM (
            {{sums_behind_hours}}
        )
        WHERE TimeUnix >= rows_from
    )
    GROUP BY of_session
) AS lines ON lines.of_session = session_id
WHERE last_ns > 0
  AND last_ns >= toInt64(toUnixTimestamp($__fromTime)) * 1000000000 AND started_ns <= toInt64(toUnixTimestamp($__toTime)) * 1000000000
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
ORDER BY last_ns DESC
LIMIT 500
