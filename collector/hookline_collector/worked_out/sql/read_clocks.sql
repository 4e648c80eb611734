-- How long did persons and agents work, and what waited for a person, by what {by} says (the grains {own}), and in all ({whole})? Half hours are added
-- up, without those in which something goes on until now ({live}). With two grains it is by agent: what several did is read from the second.
SELECT
    has({own:Array(UInt8)}, grain) AND (mixed = 0 OR length({own:Array(UInt8)}) = 1) AS is_own,
    has({whole:Array(UInt8)}, grain) AND (mixed = 0 OR length({whole:Array(UInt8)}) = 1) AS is_whole,
    multiIf(
        is_own = 0, '',
        {by:String} = 'project', toString(project),
        {by:String} = 'branch', if(branch = '', toString(project), concat(project, ' ', branch)),
        {by:String} = 'user', toString(user),
        {by:String} = 'agent', toString(agent),
        {by:String} = 'session', session_id,
        {by:String} IN ('day', 'hour'),
            transform(roundDown(at_ns, {edges:Array(Int64)}), {edges:Array(Int64)}, arrayPushBack({days:Array(String)}, ''), ''),
        '') AS key,
    sum(human_ns) / 1e9,
    sum(human_at_most_ns) / 1e9,
    sum(agent_ns) / 1e9,
    sum(agent_once_ns) / 1e9,
    sum(wall_ns) / 1e9,
    sum(permission_wait_ns) / 1e9,
    sum(answer_wait_ns) / 1e9,
    sum(prompt_wait_ns) / 1e9
FROM worked_clocks FINAL
WHERE (is_own OR is_whole) AND day BETWEEN {since:Date} AND {until:Date} AND grain IN {grains:Array(UInt8)}
  AND at_ns >= {cuts:Array(Int64)}[1] AND at_ns < {cuts:Array(Int64)}[-1] AND ({user:String} = '' OR user = {user:String})
  AND ({project:String} = '' OR project = {project:String}) AND ({agent:String} = '' OR agent = {agent:String})
  AND (empty({live:Array(String)}) OR NOT has({live:Array(String)}, concat(toString(at_ns), ' ', user)))
GROUP BY is_own, is_whole, key
SETTINGS do_not_merge_across_partitions_select_final = 1
