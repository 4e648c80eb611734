-- How many prompts were submitted, in how many sessions, by what {by} says, and how is each one's end known? What the client wrote to itself is none;
-- what a person typed ahead and the running turn took in is one more.
SELECT
    multiIf(
        {by:String} = 'project', project,
        {by:String} = 'branch', if(branch = '', project, concat(project, ' ', branch)),
        {by:String} = 'user', user,
        {by:String} = 'agent', agent,
        {by:String} = 'session', session_id,
        {by:String} = 'model', model,
        {by:String} = 'tool', '',
        {by:String} = 'kind', '',
        transform(roundDown(toUnixTimestamp64Nano(started), {edges:Array(Int64)}), {edges:Array(Int64)}, arrayPushBack({days:Array(String)}, ''), '')) AS key,
    toUInt8(grouping(key)) AS is_total,
    SUMS_OF_PROMPTS,
    uniqExact(session_id) AS sessions
FROM told_turns_between(since = {since:Date}, until = {until:Date})
WHERE toUnixTimestamp64Nano(started) >= {edges:Array(Int64)}[1] AND toUnixTimestamp64Nano(started) < {edges:Array(Int64)}[-1]
  AND ({user:String} = '' OR session_id IN (SELECT session_id FROM sessions_state AS of_user WHERE of_user.user.4 = {user:String}))
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
      AND ({agent:String} = '' OR agent = {agent:String})
  AND (prompt_source != 'task_notification' OR absorbed_prompts > 0)
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
