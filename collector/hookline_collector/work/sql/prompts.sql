-- How many prompts were submitted, in how many sessions, by what {by} says, and how is each one's end known? What the client wrote to itself is none.
SELECT
    multiIf(
        {by:String} = 'project', project,
        {by:String} = 'branch', if(branch = '', project, concat(project, ' ', branch)),
        {by:String} = 'user', user,
        {by:String} = 'session', session_id,
        {by:String} = 'model', model,
        {by:String} = 'tool', '',
        {days:Array(String)}[arrayCount(edge -> edge <= toUnixTimestamp64Nano(started), {edges:Array(Int64)})]) AS key,
    toUInt8(grouping(key)) AS is_total,
    count() AS prompts,
    countIf(outcome = 'failure') AS failed_prompts,
    countIf(outcome = 'interrupted') AS interrupted_prompts,
    countIf(evidence = 'derived') AS derived_prompts,
    countIf(evidence = 'inferred') AS inferred_prompts,
    countIf(is_open) AS open_prompts,
    uniqExact(session_id) AS sessions
FROM turns_between(since = {since:Date}, until = {until:Date})
WHERE toUnixTimestamp64Nano(started) >= {edges:Array(Int64)}[1] AND toUnixTimestamp64Nano(started) < {edges:Array(Int64)}[-1]
  AND ({user:String} = '' OR session_id IN (SELECT session_id FROM sessions_state AS of_user WHERE of_user.user.4 = {user:String}))
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
  AND prompt_source != 'task_notification'
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
