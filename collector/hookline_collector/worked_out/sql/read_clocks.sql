-- How long did persons and agents work, and what waited for a person, by what KEY says, in each of {grains}? Half hours are added up, without those in
-- which something goes on until now ({live}).
SELECT
    grain,
    mixed,
    KEY AS key,
    sum(human_ns),
    sum(human_at_most_ns),
    sum(agent_ns),
    sum(agent_once_ns),
    sum(wall_ns),
    sum(permission_wait_ns),
    sum(answer_wait_ns),
    sum(prompt_wait_ns)
FROM worked_clocks FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} BESIDE AND grain IN {grains:Array(UInt8)}
  AND at_ns >= {cuts:Array(Int64)}[1] AND at_ns < {cuts:Array(Int64)}[-1] AND ({user:String} = '' OR user = {user:String})
  AND ({project:String} = '' OR project = {project:String}) AND ({agent:String} = '' OR agent = {agent:String})
  AND (empty({live:Array(String)}) OR NOT has({live:Array(String)}, concat(toString(at_ns), ' ', user)))
GROUP BY grain, mixed, key
SETTINGS do_not_merge_across_partitions_select_final = 1
