-- What do the spells of a block on a day come to, when does the last begin, and is there a gap that counts among them? They are those from one of {starts}
-- to the next, counted on from one to the next of {whose}.
WITH arraySort(groupArray(from_ns)) AS begins, arraySort(groupArray(to_ns)) AS ends
SELECT
    user, project, min(from_ns), max(to_ns), sum(wall_ns), sum(human_ns), sum(agent_ns), sum(agent_once_ns), max(from_ns),
    arrayExists((begin, ended) -> begin > ended + {idle_s:UInt32} * 1000000000, arrayPopFront(begins), arrayPopBack(ends)) NAMES
FROM worked_spells FINAL
WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND of_project = {of_project:UInt8} AND ({user:String} = '' OR user = {user:String})
  AND from_ns >= {from_ns:Int64} AND from_ns < {to_ns:Int64} AND ({project:String} = '' OR project = {project:String})
  AND if({agent:String} = '', of_agent = 0, mixed = 0 AND agent = {agent:String})
  AND (empty({live:Array(String)}) OR NOT has({live:Array(String)}, concat(toString(from_ns - from_ns % 1800000000000), ' ', user)))
GROUP BY user, project, roundDown(
    from_ns - {from_ns:Int64} + ({to_ns:Int64} - {from_ns:Int64}) * indexOf({whose:Array(String)}, concat(user, '\n', project)), {starts:Array(Int64)})
SETTINGS do_not_merge_across_partitions_select_final = 1
