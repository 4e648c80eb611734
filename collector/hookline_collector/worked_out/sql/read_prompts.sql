-- As prompts.sql of the reports, of what was worked out.
SELECT
    KEY AS key,
    toUInt8(grouping(key)) AS is_total,
    SUMS_OF_PROMPTS,
    uniqExact(session_id) AS sessions
FROM worked_turns FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} AND started_ns >= {cuts:Array(Int64)}[1] AND started_ns < {cuts:Array(Int64)}[-1]
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
      AND ({agent:String} = '' OR agent = {agent:String})
  AND (prompt_source != 'task_notification' OR absorbed_prompts > 0)
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
SETTINGS do_not_merge_across_partitions_select_final = 1
