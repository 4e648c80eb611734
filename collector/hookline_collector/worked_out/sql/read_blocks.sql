-- In which blocks did persons work? A block is a maximal run of one person's work with no gap longer than {idle_s}, cut at the edges of the local
-- days; for each project on its own if {per_project}. It is found in what lies around the period too, so that its cut at the period's edge is no
-- start: what lies before and after is a day of its own, left out at the end. No gap is longer than 300 s, so that the half hours beside it suffice.
WITH arrayConcat([toInt64(0)], {block_edges:Array(Int64)}, [toInt64(9223372036854775807)]) AS edges
SELECT
    user, project, {block_days:Array(String)}[of_day - 1] AS day, block_from_ns, block_to_ns,
    wall_ns / 1e9, human_ns / 1e9, agent_ns / 1e9, agent_once_ns / 1e9 TOLD
FROM (
    SELECT
        *,
        greatest(min(first_ns) OVER of_block, edges[of_day]) AS block_from_ns,
        least(max(last_ns) OVER of_block, edges[of_day + 1]) AS block_to_ns
    FROM (
    SELECT
        user, project, block, of_day,
        min(from_ns) AS first_ns,
        max(to_ns) AS last_ns,
        sum(s.human_ns) AS human_ns,
        sum(s.agent_ns) AS agent_ns,
        sum(s.agent_once_ns) AS agent_once_ns,
        sum(s.wall_ns) AS wall_ns ADDED
    FROM (
        SELECT
            *,
            transform(roundDown(from_ns, edges), edges, arrayEnumerate(edges), toUInt32(0)) AS of_day,
            sum(from_ns > reached_ns + {idle_s:UInt32} * 1000000000) OVER (PARTITION BY user, project ORDER BY from_ns ROWS UNBOUNDED PRECEDING) AS block
        FROM (
            SELECT *, max(to_ns) OVER (PARTITION BY user, project ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached_ns
            FROM (
                SELECT
                    of_project, of_agent, mixed, toString(user) AS user, toString(project) AS project, toString(agent) AS agent, at_ns, from_ns, to_ns, human_ns, agent_ns, agent_once_ns, wall_ns,
                    arrayMap(name -> toString(name), projects) AS projects, NAMES
                FROM worked_spells FINAL
                WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND of_project = {of_project:UInt8} AND ({user:String} = '' OR user = {user:String})
                  AND from_ns >= {block_edges:Array(Int64)}[1] - 1800000000000 AND from_ns < {block_edges:Array(Int64)}[-1] + 1800000000000
                  AND (empty({live:Array(String)}) OR NOT has({live:Array(String)}, concat(toString(from_ns - from_ns % 1800000000000), ' ', user)))
                UNION ALL
                SELECT row.* REPLACE (GIVEN_PROMPTS AS prompts)
                FROM (
                    SELECT arrayJoin(JSONExtract({spells:String}, 'Array(Tuple(of_project UInt8, of_agent UInt8, mixed UInt8, user String, project String, agent String,
                        at_ns Int64, from_ns Int64, to_ns Int64, human_ns Int64, agent_ns Int64, agent_once_ns Int64, wall_ns Int64, projects Array(String), branches Array(String),
                        sessions Array(String), prompts Array(String), commits Array(String)))')) AS row
                )
            )
            WHERE of_project = {of_project:UInt8} AND ({project:String} = '' OR project = {project:String})
              AND if({agent:String} = '', of_agent = 0, mixed = 0 AND agent = {agent:String})
        )
    ) AS s
    GROUP BY user, project, block, of_day
    )
    WINDOW of_block AS (PARTITION BY user, project, block)
)
WHERE of_day BETWEEN 2 AND length({block_edges:Array(Int64)})
ORDER BY block_from_ns, block_to_ns, user, project
LIMIT {max_blocks:UInt32}
SETTINGS do_not_merge_across_partitions_select_final = 1
