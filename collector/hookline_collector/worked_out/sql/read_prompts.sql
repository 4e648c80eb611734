-- As prompts.sql of the reports, of what was worked out.
SELECT
    KEY AS key,
    toUInt8(grouping(key)) AS is_total,
    countIf(prompt_source != 'task_notification') + sum(absorbed_prompts) AS prompts,
    countIf(outcome = 'failure' AND prompt_source != 'task_notification') AS failed_prompts,
    countIf(outcome = 'interrupted' AND prompt_source != 'task_notification') AS interrupted_prompts,
    countIf(evidence = 'derived' AND prompt_source != 'task_notification') AS derived_prompts,
    countIf(evidence = 'inferred' AND prompt_source != 'task_notification') AS inferred_prompts,
    countIf(is_open AND prompt_source != 'task_notification') AS open_prompts,
    uniqExact(session_id) AS sessions
FROM worked_turns FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} AND started_ns >= {cuts:Array(Int64)}[1] AND started_ns < {cuts:Array(Int64)}[-1]
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
      AND ({agent:String} = '' OR agent = {agent:String})
  AND (prompt_source != 'task_notification' OR absorbed_prompts > 0)
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
SETTINGS do_not_merge_across_partitions_select_final = 1
