-- From when to when did each person work, and on what? Maximal runs with no gap longer than {idle_s}, cut at the edges of the local days; for each
-- project on its own if {per_project}. A block is found in what lies around the period too, so that its cut at the period's edge is no start:
-- what lies before and after is a day of its own, left out at the end.
SELECT
    user,
    block_project,
    {days:Array(String)}[n - 1] AS day,
    block_from_ns,
    block_to_ns,
    wall_s, human_s, agent_s, agent_once_s,
    projects, branches, sessions, prompts, commits
FROM (
    SELECT
        *,
        greatest(min(first_ns) OVER (PARTITION BY user, block_project, block), edges[n]) AS block_from_ns,
        least(max(last_ns) OVER (PARTITION BY user, block_project, block), edges[n + 1]) AS block_to_ns
    FROM (
        SELECT
            user,
            block_project,
            block,
            piece.1 AS n,
            any(edges) AS edges,
            min(piece.2) AS first_ns,
            max(piece.3) AS last_ns,
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
            WITH
                arrayConcat([toInt64(0)], {edges:Array(Int64)}, [toInt64(9223372036854775807)]) AS edges
            SELECT
                *,
                edges,
                arrayJoin(arrayMap(
                    n -> (n, greatest(edges[n], from_ns), least(edges[n + 1], to_ns)),
                    range(arrayCount(edge -> edge <= from_ns, edges), arrayCount(edge -> edge < to_ns, edges) + 1))) AS piece
            FROM (
                SELECT *, sum(from_ns > covered_to + {idle_s:UInt32} * 1000000000) OVER so_far AS block
                FROM (
                    SELECT
                        user, if({per_project:Bool}, project, '') AS block_project, kind, agents, project, branch, session_id, prompt_id, revision,
                        from_ns, to_ns,
                        max(to_ns) OVER before AS covered_to,
                        max(if(kind = 2, to_ns, 0)) OVER before AS human_to,
                        max(if(kind = 1, to_ns, 0)) OVER before AS agent_to
                    FROM activity_parts_at(since = {since:Date} - 1, until = {until:Date} + 1, user = {user:String}, now = {now:Int64})
                    WHERE kind < 3
                      AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
                    WINDOW before AS (PARTITION BY user, block_project ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                )
                WINDOW so_far AS (PARTITION BY user, block_project ORDER BY from_ns ROWS UNBOUNDED PRECEDING)
            )
        )
        GROUP BY user, block_project, block, n
    )
)
WHERE n BETWEEN 2 AND length({edges:Array(Int64)})
ORDER BY block_from_ns, block_to_ns, user, block_project
LIMIT {max_blocks:UInt32}
