-- How many tool calls began, how many failed and how long did they let a person be asked, by what {by} says?
SELECT
    multiIf(
        {by:String} = 'project', project,
        {by:String} = 'branch', if(branch = '', project, concat(project, ' ', branch)),
        {by:String} = 'user', user,
        {by:String} = 'session', session_id,
        {by:String} = 'tool', tool,
        {by:String} = 'model', '',
        {days:Array(String)}[arrayCount(edge -> edge <= toUnixTimestamp64Nano(started), {edges:Array(Int64)})]) AS key,
    toUInt8(grouping(key)) AS is_total,
    count() AS calls,
    countIf(outcome = 'failure') AS failures,
    countIf(outcome = 'denied') AS denials,
    countIf(outcome = 'interrupted') AS interruptions,
    sum(run_s) AS run_s,
    countIf(evidence = 'derived') AS derived_calls,
    countIf(evidence = 'inferred') AS inferred_calls
FROM tool_calls_between(since = {since:Date}, until = {until:Date})
WHERE toUnixTimestamp64Nano(started) >= {edges:Array(Int64)}[1] AND toUnixTimestamp64Nano(started) < {edges:Array(Int64)}[-1]
  AND ({user:String} = '' OR session_id IN (SELECT session_id FROM sessions_state AS of_user WHERE of_user.user.4 = {user:String}))
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
SETTINGS optimize_move_to_prewhere_if_final = 1 -- what reaches the table are conditions on its keys only
