-- How long did persons and agents work, and what waited for a person, by what {by} says?
--
-- human_s, agent_once_s and wall_s are unions for each person: what runs side by side counts once, within the key, and in the all_ columns whatever
-- the key, so these add up to the total. agent_s adds agents up. Waiting adds up over sessions; for a permission or an answer it is the time from the
-- question to the answer, the person's own part at its end included. human_at_most_s adds to the human time what a person may have done before it
-- (kind 4), up to {idle_s} before the prompt or answer.
SELECT
    key,
    sumIf(greatest(0, to - greatest(from, human_to)), kind = 2) / 1e9 AS human_s,
    sumIf(greatest(0, to - greatest(from, most_to)), kind IN (2, 4)) / 1e9 AS human_at_most_s,
    sumIf((to - from) * agents, kind = 1) / 1e9 AS agent_s,
    sumIf(greatest(0, to - greatest(from, agent_to)), kind = 1) / 1e9 AS agent_once_s,
    sumIf(greatest(0, to - greatest(from, work_to)), kind < 3) / 1e9 AS wall_s,
    sumIf(to - from, kind IN (2, 3) AND reason = 3) / 1e9 AS waiting_permission_s,
    sumIf(to - from, kind IN (2, 3) AND reason = 4) / 1e9 AS waiting_answer_s,
    sumIf(to - from, kind = 3 AND reason = 2) / 1e9 AS waiting_prompt_s,
    sumIf(greatest(0, to - greatest(from, all_human_to)), kind = 2) / 1e9 AS all_human_s,
    sumIf(greatest(0, to - greatest(from, all_most_to)), kind IN (2, 4)) / 1e9 AS all_human_at_most_s,
    sumIf(greatest(0, to - greatest(from, all_agent_to)), kind = 1) / 1e9 AS all_agent_once_s,
    sumIf(greatest(0, to - greatest(from, all_work_to)), kind < 3) / 1e9 AS all_wall_s
FROM (
    SELECT
        key, kind, reason, agents, from, to,
        max(if(kind = 2, to, 0)) OVER within AS human_to,
        max(if(kind IN (2, 4), to, 0)) OVER within AS most_to,
        max(if(kind = 1, to, 0)) OVER within AS agent_to,
        max(if(kind < 3, to, 0)) OVER within AS work_to,
        max(if(kind = 2, to, 0)) OVER overall AS all_human_to,
        max(if(kind IN (2, 4), to, 0)) OVER overall AS all_most_to,
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
                if(kind = 4, greatest(from_ns, least(to_ns, act_ns - {idle_s:UInt32} * 1000000000)), from_ns) AS begins_ns,
                arrayJoin(arrayMap(
                    n -> (n, greatest({cuts:Array(Int64)}[n], begins_ns), least({cuts:Array(Int64)}[n + 1], to_ns)),
                    range(
                        greatest(1, arrayCount(cut -> cut <= begins_ns, {cuts:Array(Int64)})),
                        least(length({cuts:Array(Int64)}), arrayCount(cut -> cut < to_ns, {cuts:Array(Int64)}) + 1)))) AS piece
            FROM activity_parts_at(since = {since:Date}, until = {until:Date}, user = {user:String}, now = {now:Int64})
            WHERE ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
        )
    )
    WINDOW
        within AS (PARTITION BY user, key ORDER BY from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        overall AS (PARTITION BY user ORDER BY from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY key
ORDER BY key
