-- How many spells are in and around a period?
SELECT count()
FROM worked_spells FINAL
WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND of_project = {of_project:UInt8} AND ({user:String} = '' OR user = {user:String})
  AND from_ns >= {block_edges:Array(Int64)}[1] - 1800000000000 AND from_ns < {block_edges:Array(Int64)}[-1] + 1800000000000
  AND ({project:String} = '' OR project = {project:String})
  AND if({agent:String} = '', of_agent = 0, mixed = 0 AND agent = {agent:String})
  AND (empty({live:Array(String)}) OR NOT has({live:Array(String)}, concat(toString(from_ns - from_ns % 1800000000000), ' ', user)))
SETTINGS do_not_merge_across_partitions_select_final = 1
