-- Who worked when, and what waited for whom, of so many people that single stretches are not told? A column is {column} ns long, the first begins at
-- {start}. agents is how many worked at once in it, on average; kind 1 agents, 2 people (an estimate), 3 waiting.
SELECT kind, of_reason, project, place,
    sum((least(to, {start:Int64} + (place + 1) * {column:Int64}) - greatest(from, {start:Int64} + place * {column:Int64})) * agents) / {column:Int64} AS agents
FROM (
    SELECT kind, if(kind > 1, reason, 0) AS of_reason, project, agents, greatest(from_ns, {start:Int64}) AS from, least(to_ns, {end:Int64}) AS to,
        arrayJoin(range(intDiv(from - {start:Int64}, {column:Int64}), intDiv(to - 1 - {start:Int64}, {column:Int64}) + 1)) AS place
    FROM worked_parts_at(since = {since:Date}, until = {until:Date}, user = {user:String}, now = {now:Int64})
    WHERE kind < 4 AND to_ns > {start:Int64} AND from_ns < {end:Int64} AND ({user:String} = '' OR user = {user:String})
      AND ({project:String} = '' OR project = {project:String}) AND ({session_id:String} = '' OR session_id = {session_id:String})
      AND ({agent:String} = '' OR agent = {agent:String})
)
GROUP BY kind, of_reason, project, place
ORDER BY kind, of_reason, project, place
SETTINGS do_not_merge_across_partitions_select_final = 1
