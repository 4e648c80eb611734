-- How many prompts were submitted, in how many sessions, by what {by} says?
SELECT
    multiIf(
        {by:String} = 'project', project,
        {by:String} = 'branch', if(branch = '', project, concat(project, ' ', branch)),
        {by:String} = 'user', user,
        {by:String} = 'session', session_id,
        {by:String} = 'day', {days:Array(String)}[arrayCount(edge -> edge <= toUnixTimestamp64Nano(started), {edges:Array(Int64)})],
        '') AS key,
    count() AS prompts,
    countIf(outcome = 'failure') AS failed_prompts,
    uniqExact(session_id) AS sessions
FROM turns_between(since = {since:Date}, until = {until:Date})
WHERE toUnixTimestamp64Nano(started) >= {edges:Array(Int64)}[1] AND toUnixTimestamp64Nano(started) < {edges:Array(Int64)}[-1]
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
GROUP BY key
ORDER BY key
