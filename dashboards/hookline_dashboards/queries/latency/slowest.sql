-- Which calls took longest, and in which session and trace do they stand? Of many calls, only days and persons with the longest are read.
WITH
    (
        SELECT sum(tool_calls) > 300000
        FROM worked_days
        PREWHERE grain = 1 AND day BETWEEN toDate($__fromTime) AND toDate($__toTime)
    ) AS is_by_hours,
    {{known_days}}
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
  AND (NOT is_by_hours OR day < toDate($__fromTime + 86399) OR day >= toDate($__toTime) OR day > known.1 OR has(known.2, day) OR (day, user) IN (
      SELECT day, user
      FROM worked_days FINAL
      PREWHERE
          {{is_added_up}}
          AND grain = 1
          AND $__conditionalAll(user IN (${person:singlequote}), $person)
          AND $__conditionalAll(project IN (${project:singlequote}), $project)
          AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
          AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
      ORDER BY longest_run_s DESC
      LIMIT 50
  ))
ORDER BY took DESC, started
LIMIT 50
