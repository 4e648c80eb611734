-- As lengths.sql of the reports, of runs within half hours: those that are stored, and those in which something goes on until now, given with the question.
WITH at -> transform(roundDown(at, {cuts:Array(Int64)}), {cuts:Array(Int64)}, arrayEnumerate({cuts:Array(Int64)}), toUInt32(0)) AS cut_of
SELECT
    of_project,
    KEY AS key,
    sum(least(to_ns, {cuts:Array(Int64)}[slot + 1]) - greatest(begun_ns, {cuts:Array(Int64)}[slot])) AS length_ns
FROM (
    SELECT
        of_project, user, project, to_ns,
        max(to_ns) OVER (PARTITION BY of_project, user, project ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached_ns,
        if(from_ns > reached_ns + {idle_s:UInt32} * 1000000000, from_ns, reached_ns) AS begun_ns,
        arrayJoin(range(cut_of(begun_ns), cut_of(to_ns - 1) + 1)) AS slot
    FROM (
        SELECT of_project, user, project, from_ns, to_ns
        FROM worked_spells FINAL
        WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND of_project IN {readings:Array(UInt8)}
          AND from_ns >= {cuts:Array(Int64)}[1] - 1800000000000 AND from_ns < {cuts:Array(Int64)}[-1] + 1800000000000
          AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
          AND if({agent:String} = '', of_agent = 0, mixed = 0 AND agent = {agent:String})
        LIVE
    )
)
WHERE to_ns > {cuts:Array(Int64)}[1] AND slot < length({cuts:Array(Int64)})
GROUP BY of_project, key
ORDER BY of_project, key
SETTINGS do_not_merge_across_partitions_select_final = 1
