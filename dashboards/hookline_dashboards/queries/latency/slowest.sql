-- Which calls took longest, and in which session and trace do they stand?
SELECT
    started,
    toString(tool) AS name,
    run_s AS took,
    wait_s AS waited,
    toString(outcome) AS result,
    toString(project) AS place,
    toString(user) AS who,
    session_id AS session,
    lower(hex(substring(SHA256(concat('trace', char(0), agent, char(0), session_id, char(0), prompt_id)), 1, 16))) AS trace
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
ORDER BY took DESC
LIMIT 50
