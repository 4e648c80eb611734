-- When do blocks in and around a period begin and end, of how many spells are they, and how many prompts do these name? Of {most} spells at most, and of one
-- more where there are more. A block begins with the spell before which as many end, by more than a gap that counts, as begin.
WITH arraySort(groupArray(from_ns)) AS begins, arraySort(groupArray(to_ns)) AS ends
SELECT
    of_project, user, project, count(), sum(named),
    arrayFilter((begin, ended) -> begin > ended + {idle_s:UInt32} * 1000000000, begins, arrayPushFront(arrayPopBack(ends), toInt64(0))),
    arrayFilter((end, next) -> next > end + {idle_s:UInt32} * 1000000000, ends, arrayPushBack(arrayPopFront(begins), toInt64(9223372036854775807)))
FROM (
    SELECT of_project, user, project, from_ns, to_ns, length(prompts) AS named
    FROM worked_spells FINAL
    WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND of_project IN {readings:Array(UInt8)} AND ({user:String} = '' OR user = {user:String})
      AND from_ns >= {from_ns:Int64} AND from_ns < {to_ns:Int64} AND ({project:String} = '' OR project = {project:String})
      AND if({agent:String} = '', of_agent = 0, mixed = 0 AND agent = {agent:String})
      AND (empty({live:Array(String)}) OR NOT has({live:Array(String)}, concat(toString(from_ns - from_ns % 1800000000000), ' ', user)))
    LIMIT {most:UInt32} + 1
)
GROUP BY of_project, user, project
ORDER BY of_project, user, project
SETTINGS do_not_merge_across_partitions_select_final = 1
