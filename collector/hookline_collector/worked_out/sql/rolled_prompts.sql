-- As read_prompts.sql, of whole days as they were added up, and of the rows of all others.
SELECT
    key,
    toUInt8(grouping(key)) AS is_total,
    sum(p.prompts) AS prompts,
    sum(p.failed_prompts) AS failed_prompts,
    sum(p.interrupted_prompts) AS interrupted_prompts,
    sum(p.derived_prompts) AS derived_prompts,
    sum(p.inferred_prompts) AS inferred_prompts,
    sum(p.open_prompts) AS open_prompts,
    uniqExactArray(p.sessions) AS sessions
FROM (
    SELECT KEY_OF_DAY AS key, prompts, failed_prompts, interrupted_prompts, derived_prompts, inferred_prompts, open_prompts, sessions
    FROM worked_days
    WHERE grain IN {grains:Array(UInt8)} AND IS_ADDED_UP AND ({agent:String} = '' OR agent = {agent:String})
    UNION ALL
    SELECT
        KEY_OF_ROW AS key,
        countIf(prompt_source != 'task_notification') + sum(absorbed_prompts) AS prompts,
        countIf(outcome = 'failure' AND prompt_source != 'task_notification'),
        countIf(outcome = 'interrupted' AND prompt_source != 'task_notification'),
        countIf(evidence = 'derived' AND prompt_source != 'task_notification'),
        countIf(evidence = 'inferred' AND prompt_source != 'task_notification'),
        countIf(is_open AND prompt_source != 'task_notification'),
        groupUniqArray(sipHash64(session_id))
    FROM worked_turns FINAL
    WHERE day BETWEEN {since:Date} AND {until:Date} BESIDE
          AND started_ns >= {cuts:Array(Int64)}[1] AND started_ns < {cuts:Array(Int64)}[-1] AND ({agent:String} = '' OR agent = {agent:String})
          AND (prompt_source != 'task_notification' OR absorbed_prompts > 0)
    GROUP BY key
    HAVING count() > 0
) AS p
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
SETTINGS do_not_merge_across_partitions_select_final = 1
