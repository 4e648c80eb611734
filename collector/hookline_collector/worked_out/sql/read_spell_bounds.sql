-- When do the spells in and around a period begin and end, and how many prompts do they name? {most} spells at most, and one more where there are more.
SELECT user, project, groupArray(from_ns), groupArray(to_ns), groupArray(named)
FROM (
    SELECT user, project, from_ns, to_ns, length(prompts) AS named
    FROM worked_spells FINAL
    WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND of_project = {of_project:UInt8} AND ({user:String} = '' OR user = {user:String})
      AND from_ns >= {from_ns:Int64} AND from_ns < {to_ns:Int64} AND ({project:String} = '' OR project = {project:String})
      AND if({agent:String} = '', of_agent = 0, mixed = 0 AND agent = {agent:String})
      AND (empty({live:Array(String)}) OR NOT has({live:Array(String)}, concat(toString(from_ns - from_ns % 1800000000000), ' ', user)))
    LIMIT {most:UInt32} + 1
)
GROUP BY user, project
ORDER BY user, project
SETTINGS do_not_merge_across_partitions_select_final = 1
