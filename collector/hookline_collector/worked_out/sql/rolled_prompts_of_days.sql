-- Prompts of whole days as they were added up, with hashes of their sessions.
SELECT
    KEY_OF_DAY AS key,
    sum(d.prompts) AS prompts,
    sum(d.failed_prompts) AS failed_prompts,
    sum(d.interrupted_prompts) AS interrupted_prompts,
    sum(d.derived_prompts) AS derived_prompts,
    sum(d.inferred_prompts) AS inferred_prompts,
    sum(d.open_prompts) AS open_prompts,
    groupUniqArrayArray(d.sessions) AS sessions
FROM worked_days AS d
WHERE grain IN {grains:Array(UInt8)} AND IS_ADDED_UP AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY key
