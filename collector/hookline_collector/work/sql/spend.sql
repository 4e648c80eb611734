-- How many tokens went through, and what did they cost, by what {by} says? A request without a project of its own has its prompt's,
-- once, also where several sessions tell of the prompt.
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
        transform(roundDown(toUnixTimestamp64Nano(time), {edges:Array(Int64)}), {edges:Array(Int64)}, arrayPushBack({days:Array(String)}, ''), '')) AS key,
    toUInt8(grouping(key)) AS is_total,
    count() AS requests,
    sum(u.input_tokens) AS input_tokens,
    sum(u.output_tokens) AS output_tokens,
    sum(u.cache_read_tokens) AS cache_read_tokens,
    sum(u.cache_creation_tokens) AS cache_creation_tokens,
    sum(u.cost_usd) AS cost_usd,
    countIf(u.cost_usd IS NULL) AS requests_without_cost
FROM (
    SELECT
        r.time AS time, r.session_id AS session_id, r.model AS model, r.agent AS agent, r.input_tokens, r.output_tokens, r.cache_read_tokens, r.cache_creation_tokens, r.cost_usd,
        if(t.user = '', r.user, t.user) AS user,
        if(r.project = '', t.project, r.project) AS project,
        if(r.project = '', t.branch, r.branch) AS branch
    FROM told_usage_between(since = {since:Date}, until = {until:Date}) AS r
    LEFT JOIN (
        SELECT
            if(length(t.prompt_id) >= 20, '', t.session_id) AS of_session,
            t.prompt_id AS prompt_id,
            argMin(t.user, t.session_id) AS user,
            argMin(t.project, t.session_id) AS project,
            argMin(t.branch, t.session_id) AS branch
        FROM told_turns_between(since = {since:Date} - 1, until = {until:Date}) AS t
        WHERE session_id IN (SELECT session_id FROM usage_state WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1)
          AND ({user:String} = '' OR session_id IN (SELECT session_id FROM sessions_state AS of_user WHERE of_user.user.4 = {user:String}))
        GROUP BY of_session, prompt_id
    ) AS t ON t.of_session = if(length(r.prompt_id) >= 20, '', r.session_id) AND t.prompt_id = r.prompt_id
) AS u
WHERE toUnixTimestamp64Nano(time) >= {edges:Array(Int64)}[1] AND toUnixTimestamp64Nano(time) < {edges:Array(Int64)}[-1]
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
  AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
