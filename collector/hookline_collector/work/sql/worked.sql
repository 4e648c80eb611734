-- How long did persons and agents work, what waited for a person, and in which blocks? One statement, as both ask for the same activity and planning
-- that costs more than computing it. A row is a key of {by} (is_block = 0), and with {blocks} = 1 a block as well.
--
-- human_s, agent_once_s and wall_s are unions for each person: what runs side by side counts once, within the key, and in the all_ columns whatever
-- the key, so these add up to the total. agent_s adds agents up. Waiting adds up over sessions; for a permission or an answer it is the time from the
-- question to the answer, the person's own part at its end included. human_at_most_s adds to the human time what a person may have done before it
-- (kind 4), up to {idle_s} before the prompt or answer.
--
-- A session is of one agent, and so is all that is done in it, a person's work too.
--
-- A block is a maximal run of one person's work with no gap longer than {idle_s}, cut at the edges of the local days; for each project on its own
-- if {per_project}. It is found in what lies around the period too, so that its cut at the period's edge is no start: what lies before and after is
-- a day of its own, left out at the end.
WITH
    arrayConcat([toInt64(0)], {block_edges:Array(Int64)}, [toInt64(9223372036854775807)]) AS edges,
    at -> transform(roundDown(at, edges), edges, arrayEnumerate(edges), toUInt32(0)) AS day_of,
    at -> transform(roundDown(at, {cuts:Array(Int64)}), {cuts:Array(Int64)}, arrayEnumerate({cuts:Array(Int64)}), toUInt32(0)) AS cut_of
SELECT
    is_block, key,
    human_s, human_at_most_s, agent_s, agent_once_s, wall_s, permission_wait_s, answer_wait_s, prompt_wait_s,
    all_human_s, all_human_at_most_s, all_agent_once_s, all_wall_s,
    of_user,
    {block_days:Array(String)}[of_day - 1] AS day,
    block_from_ns, block_to_ns,
    projects, branches, sessions, prompts, commits
FROM (
    SELECT
        *,
        greatest(min(first_ns) OVER of_block, edges[of_day]) AS block_from_ns,
        least(max(last_ns) OVER of_block, edges[of_day + 1]) AS block_to_ns
    FROM (
        SELECT
            is_block, key, of_user, block, of_day,
            min(from) AS first_ns,
            max(to) AS last_ns,
            sumIf(greatest(0, to - greatest(from, human_to)), kind = 2) / 1e9 AS human_s,
            sumIf(greatest(0, to - greatest(from, most_to)), kind IN (2, 4)) / 1e9 AS human_at_most_s,
            sumIf((to - from) * agents, kind = 1) / 1e9 AS agent_s,
            sumIf(greatest(0, to - greatest(from, agent_to)), kind = 1) / 1e9 AS agent_once_s,
            sumIf(greatest(0, to - greatest(from, work_to)), kind < 3) / 1e9 AS wall_s,
            sumIf(to - from, kind IN (2, 3) AND reason = 3) / 1e9 AS permission_wait_s,
            sumIf(to - from, kind IN (2, 3) AND reason = 4) / 1e9 AS answer_wait_s,
            sumIf(to - from, kind = 3 AND reason = 2) / 1e9 AS prompt_wait_s,
            sumIf(greatest(0, to - greatest(from, all_human_to)), kind = 2) / 1e9 AS all_human_s,
            sumIf(greatest(0, to - greatest(from, all_most_to)), kind IN (2, 4)) / 1e9 AS all_human_at_most_s,
            sumIf(greatest(0, to - greatest(from, all_agent_to)), kind = 1) / 1e9 AS all_agent_once_s,
            sumIf(greatest(0, to - greatest(from, all_work_to)), kind < 3) / 1e9 AS all_wall_s,
            arraySort(groupUniqArrayIf(project, project != '')) AS projects,
            arraySort(groupUniqArrayIf(branch, branch != '')) AS branches,
            arraySort(groupUniqArrayIf(session_id, session_id != '')) AS sessions,
            arraySort(groupUniqArrayIf(prompt_id, prompt_id != '')) AS prompts,
            arraySort(groupUniqArrayIf(revision, revision != '')) AS commits
        FROM (
            SELECT *, sum(is_block = 1 AND from > work_to + {idle_s:UInt32} * 1000000000) OVER so_far AS block
            FROM (
                SELECT
                    *,
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
                        piece.1 AS is_block,
                        multiIf(
                            is_block = 1, if({per_project:Bool}, part.project, ''),
                            {by:String} = 'project', part.project,
                            {by:String} = 'branch', if(part.branch = '', part.project, concat(part.project, ' ', part.branch)),
                            {by:String} = 'user', user,
                            {by:String} = 'agent', part.agent,
                            {by:String} = 'session', part.session_id,
                            {days:Array(String)}[piece.2]) AS key,
                        user, kind, reason, agents, piece.3 AS from, piece.4 AS to,
                        if(is_block = 1, user, '') AS of_user,
                        if(is_block = 1, piece.2, 0) AS of_day,
                        if(is_block = 1, part.project, '') AS project,
                        if(is_block = 1, part.branch, '') AS branch,
                        if(is_block = 1, part.revision, '') AS revision,
                        if(is_block = 1, part.session_id, '') AS session_id,
                        if(is_block = 1, part.prompt_id, '') AS prompt_id
                    FROM (
                        SELECT
                            *,
                            if(kind = 4, greatest(from_ns, least(to_ns, act_ns - {idle_s:UInt32} * 1000000000)), from_ns) AS begins_ns,
                            arrayJoin(arrayConcat(
                                arrayMap(
                                    n -> (toUInt8(0), n, greatest({cuts:Array(Int64)}[n], begins_ns), least({cuts:Array(Int64)}[n + 1], to_ns)),
                                    range(
                                        cut_of(begins_ns),
                                        if(to_ns > {cuts:Array(Int64)}[1], least(length({cuts:Array(Int64)}), cut_of(to_ns - 1) + 1), 0))),
                                arrayMap(
                                    n -> (toUInt8(1), n, greatest(edges[n], from_ns), least(edges[n + 1], to_ns)),
                                    range(
                                        day_of(from_ns),
                                        if({blocks:UInt8} = 1 AND kind < 3, day_of(to_ns - 1) + 1, 0))))) AS piece
                        FROM told_parts_at(
                            since = {since:Date} - {blocks:UInt8}, until = {until:Date} + {blocks:UInt8}, user = {user:String}, now = {now:Int64})
                        WHERE ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
                          AND ({agent:String} = '' OR agent = {agent:String})
                    ) AS part
                )
                WINDOW
                    within AS (PARTITION BY is_block, user, key ORDER BY from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                    overall AS (PARTITION BY is_block, user ORDER BY from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            )
            WINDOW so_far AS (PARTITION BY is_block, user, key ORDER BY from ROWS UNBOUNDED PRECEDING)
        )
        GROUP BY is_block, key, of_user, block, of_day
    )
    WINDOW of_block AS (PARTITION BY is_block, of_user, key, block)
)
WHERE is_block = 0 OR of_day BETWEEN 2 AND length({block_edges:Array(Int64)})
ORDER BY is_block, block_from_ns, block_to_ns, of_user, key
LIMIT {max_blocks:UInt32} BY is_block, if(is_block = 1, '', key)
