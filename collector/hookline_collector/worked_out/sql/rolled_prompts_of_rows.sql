-- The same of the rows of all other days.
SELECT
    KEY_OF_ROW AS key,
    countIf(prompt_source != 'task_notification') + sum(absorbed_prompts) AS prompts,
    countIf(outcome = 'failure' AND prompt_source != 'task_notification') AS failed_prompts,
    countIf(outcome = 'interrupted' AND prompt_source != 'task_notification') AS interrupted_prompts,
    countIf(evidence = 'derived' AND prompt_source != 'task_notification') AS derived_prompts,
    countIf(evidence = 'inferred' AND prompt_source != 'task_notification') AS inferred_prompts,
    countIf(is_open AND prompt_source != 'task_notification') AS open_prompts,
    groupUniqArray(sipHash64(session_id)) AS sessions
FROM worked_turns FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} BESIDE
  AND started_ns >= {cuts:Array(Int64)}[1] AND started_ns < {cuts:Array(Int64)}[-1] AND ({agent:String} = '' OR agent = {agent:String})
  AND (prompt_source != 'task_notification' OR absorbed_prompts > 0)
GROUP BY key
HAVING count() > 0
