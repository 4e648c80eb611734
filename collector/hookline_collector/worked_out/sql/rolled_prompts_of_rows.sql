-- The same of the rows of all other days.
SELECT
    KEY_OF_ROW AS key,
    SUMS_OF_PROMPTS,
    groupUniqArray(sipHash64(session_id)) AS sessions
FROM worked_turns FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} BESIDE
  AND started_ns >= {cuts:Array(Int64)}[1] AND started_ns < {cuts:Array(Int64)}[-1] AND ({agent:String} = '' OR agent = {agent:String})
  AND (prompt_source != 'task_notification' OR absorbed_prompts > 0)
GROUP BY key
HAVING count() > 0
