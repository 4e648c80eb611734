-- When was a block of work begun and over, how long was it, and on what? A gap of five minutes ends a block.
WITH
    {{until_something_goes_on}}
SELECT
    fromUnixTimestamp64Nano(min(from_ns), 'UTC') AS started,
    fromUnixTimestamp64Nano(max(to_ns), 'UTC') AS ended,
    toString(user) AS who,
    (max(to_ns) - min(from_ns)) / 1e9 AS length,
    (sum(human_ns) + intervalLengthSumIf(from_ns, to_ns, is_human)) / 1e9 AS `you, at least`,
    sum(agent_ns) / 1e9 AS agents,
    arrayStringConcat(arraySort(groupUniqArrayArray(projects)), ', ') AS on_what,
    length(groupUniqArrayArray(sessions)) AS sessions_in_it
FROM (
    {{runs_of_work}}
)
GROUP BY user, block
HAVING ended >= $__fromTime AND started <= $__toTime
  AND $__conditionalAll(hasAny(groupUniqArrayArray(projects), [${project:singlequote}]), $project)
  AND $__conditionalAll(
    hasAny(groupUniqArrayArray(sessions), (SELECT groupArray(session_id) FROM sessions WHERE agent IN (${agent:singlequote}))),
    $agent)
ORDER BY started DESC
LIMIT 500
