-- How long did persons and agents work, and what waited for a person, by what {by} says?
--
-- human_s, agent_once_s and wall_s are unions for each person: what runs side by side counts once, within the key, and in the all_ columns whatever
-- the key, so these add up to the total. agent_s adds agents up. Waiting adds up over sessions; for a permission or an answer it is the time from the
-- question to the answer, the person's own part at its end included.
SELECT
    key,
    sumIf(greatest(0, to - greatest(from, human_to)), kind = 2) / 1e9 AS human_s,
    sumIf((to - from) * agents, kind = 1) / 1e9 AS agent_s,
    sumIf(greatest(0, to - greatest(from, agent_to)), kind = 1) / 1e9 AS agent_once_s,
    sumIf(greatest(0, to - greatest(from, work_to)), kind < 3) / 1e9 AS wall_s,
    sumIf(to - from, kind > 1 AND reason = 3) / 1e9 AS waiting_permission_s,
    sumIf(to - from, kind > 1 AND reason = 4) / 1e9 AS waiting_answer_s,
    sumIf(to - from, kind = 3 AND reason = 2) / 1e9 AS waiting_prompt_s,
    sumIf(greatest(0, to - greatest(from, all_human_to)), kind = 2) / 1e9 AS all_human_s,
    sumIf(greatest(0, to - greatest(from, all_agent_to)), kind = 1) / 1e9 AS all_agent_once_s,
    sumIf(greatest(0, to - greatest(from, all_work_to)), kind < 3) / 1e9 AS all_wall_s
FROM (
    SELECT
        key, kind, reason, agents, from, to,
        max(if(kind = 2, to, 0)) OVER within AS human_to,
        max(if(kind = 1, to, 0)) OVER within AS agent_to,
        max(if(kind < 3, to, 0)) OVER within AS work_to,
        max(if(kind = 2, to, 0)) OVER overall AS all_human_to,
        max(if(kind = 1, to, 0)) OVER overall AS all_agent_to,
        max(if(kind < 3, to, 0)) OVER overall AS all_work_to
    FROM (
        SELECT
            multiIf(
                {by:String} = 'project', project,
                {by:String} = 'branch', if(branch = '', project, concat(project, ' ', branch)),
                {by:String} = 'user', user,
                {by:String} = 'session', session_id,
                {days:Array(String)}[piece.1]) AS key,
            user, kind, reason, agents, piece.2 AS from, piece.3 AS to
        FROM (
            SELECT
                *,
                arrayJoin(arrayMap(
                    n -> (n, greatest({cuts:Array(Int64)}[n], from_ns), least({cuts:Array(Int64)}[n + 1], to_ns)),
                    range(
                        greatest(1, arrayCount(cut -> cut <= from_ns, {cuts:Array(Int64)})),
                        least(length({cuts:Array(Int64)}), arrayCount(cut -> cut < to_ns, {cuts:Array(Int64)}) + 1)))) AS piece
            FROM activity_parts_between(since = {since:Date}, until = {until:Date}, user = {user:String})
            WHERE ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
        )
    )
    WINDOW
        within AS (PARTITION BY user, key ORDER BY from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        overall AS (PARTITION BY user ORDER BY from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY key
ORDER BY key
