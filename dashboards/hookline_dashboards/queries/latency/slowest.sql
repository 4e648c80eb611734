-- Which calls took longest, and in which session and trace do they stand?
SELECT
    fromUnixTimestamp64Nano(started_ns, 'UTC') AS started,
    toString(tool) AS name,
    run_s AS took,
    wait_s AS waited,
    toString(outcome) AS result,
    toString(project) AS place,
    toString(user) AS who,
    session_id AS session,
    lower(hex(substring(SHA256(concat('trace', char(0), agent, char(0), session_id, char(0), prompt_id)), 1, 16))) AS trace
{{calls_of_range}}
  AND outcome != 'denied'
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
ORDER BY took DESC
LIMIT 50
