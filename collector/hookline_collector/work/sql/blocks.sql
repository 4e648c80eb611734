-- From when to when did each person work, and on what? Maximal runs with no gap longer than {idle_s}, cut at the edges of the local days; for each
-- project on its own if {per_project}. A block is found in what lies around the period too, so that its cut at the period's edge is no start.
SELECT
    user,
    block_project,
    {days:Array(String)}[piece.1] AS day,
    greatest(min(block_from), {edges:Array(Int64)}[piece.1]) AS block_from_ns,
    least(max(block_to), {edges:Array(Int64)}[piece.1 + 1]) AS block_to_ns,
    sum(greatest(0, piece.3 - greatest(piece.2, covered_to))) / 1e9 AS wall_s,
    sumIf(greatest(0, piece.3 - greatest(piece.2, human_to)), kind = 2) / 1e9 AS human_s,
    sumIf((piece.3 - piece.2) * agents, kind = 1) / 1e9 AS agent_s,
    sumIf(greatest(0, piece.3 - greatest(piece.2, agent_to)), kind = 1) / 1e9 AS agent_once_s,
    arraySort(groupUniqArrayIf(project, project != '')) AS projects,
    arraySort(groupUniqArrayIf(branch, branch != '')) AS branches,
    arraySort(groupUniqArray(session_id)) AS sessions,
    arraySort(groupUniqArrayIf(prompt_id, prompt_id != '')) AS prompts,
    arraySort(groupUniqArrayIf(revision, revision != '')) AS commits
FROM (
    SELECT
        *,
        min(from_ns) OVER (PARTITION BY user, block_project, block) AS block_from,
        max(to_ns) OVER (PARTITION BY user, block_project, block) AS block_to,
        arrayJoin(arrayFilter(cut -> cut.3 > cut.2, arrayMap(
            (n, edge, next) -> (n, greatest(edge, from_ns), least(next, to_ns)),
            arrayEnumerate({days:Array(String)}), arrayPopBack({edges:Array(Int64)}), arrayPopFront({edges:Array(Int64)})))) AS piece
    FROM (
        SELECT *, sum(from_ns > covered_to + {idle_s:UInt32} * 1000000000) OVER so_far AS block
        FROM (
            SELECT
                user, if({per_project:Bool}, project, '') AS block_project, kind, agents, project, branch, session_id, prompt_id, revision,
                from_ns, to_ns,
                max(to_ns) OVER before AS covered_to,
                max(if(kind = 2, to_ns, 0)) OVER before AS human_to,
                max(if(kind = 1, to_ns, 0)) OVER before AS agent_to
            FROM activity_parts_between(since = {since:Date} - 1, until = {until:Date} + 1)
            WHERE kind < 3
              AND session_id IN (SELECT session_id FROM sessions_state WHERE {user:String} = '' OR user.4 = {user:String})
              AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
            WINDOW before AS (PARTITION BY user, block_project ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        )
        WINDOW so_far AS (PARTITION BY user, block_project ORDER BY from_ns ROWS UNBOUNDED PRECEDING)
    )
)
GROUP BY user, block_project, block, piece.1
ORDER BY block_from_ns, block_to_ns, user, block_project
LIMIT {max_blocks:UInt32}
