-- How long did persons and agents work, and what waited for a person, by what {by} says?
--
-- human_s and wall_s are unions for each person: what runs side by side counts once. agent_s adds agents up, agent_once_s does not. Waiting adds up
-- over sessions. Pieces are cut at the edges of the local days.
SELECT
    key,
    sum(new_human_ns) / 1e9 AS human_s,
    sumIf((to - from) * agents, kind = 'agent') / 1e9 AS agent_s,
    sum(new_agent_ns) / 1e9 AS agent_once_s,
    sum(new_ns) / 1e9 AS wall_s,
    sumIf(to - from, kind = 'waiting' AND reason = 'permission') / 1e9 AS waiting_permission_s,
    sumIf(to - from, kind = 'waiting' AND reason = 'answer') / 1e9 AS waiting_answer_s,
    sumIf(to - from, kind = 'waiting' AND reason = 'prompt') / 1e9 AS waiting_prompt_s
FROM (
    SELECT
        key, kind, reason, agents, from, to,
        if(kind = 'human', greatest(0, to - greatest(from, max(if(kind = 'human', to, 0)) OVER before)), 0) AS new_human_ns,
        if(kind = 'agent', greatest(0, to - greatest(from, max(if(kind = 'agent', to, 0)) OVER before)), 0) AS new_agent_ns,
        if(kind != 'waiting', greatest(0, to - greatest(from, max(if(kind != 'waiting', to, 0)) OVER before)), 0) AS new_ns
    FROM (
        SELECT
            multiIf(
                {by:String} = 'project', project,
                {by:String} = 'branch', if(branch = '', project, concat(project, ' ', branch)),
                {by:String} = 'user', user,
                {by:String} = 'session', session_id,
                {by:String} = 'day', {days:Array(String)}[piece.1],
                '') AS key,
            user, kind, reason, toInt64(agents) AS agents, piece.2 AS from, piece.3 AS to
        FROM (
            SELECT
                *,
                arrayJoin(arrayFilter(cut -> cut.3 > cut.2, arrayMap(
                    (n, edge, next) -> (n, greatest(edge, toUnixTimestamp64Nano(started)), least(next, toUnixTimestamp64Nano(ended))),
                    arrayEnumerate({days:Array(String)}), arrayPopBack({edges:Array(Int64)}), arrayPopFront({edges:Array(Int64)})))) AS piece
            FROM activity_between(since = {since:Date}, until = {until:Date})
            WHERE ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
        )
    )
    WINDOW before AS (PARTITION BY user, key ORDER BY from, to, kind ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY key
ORDER BY key
