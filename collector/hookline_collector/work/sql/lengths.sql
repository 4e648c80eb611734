-- How long are blocks, by what {by} says? A block is a maximal run of one person's work with no gap longer than {idle_s}; it is as long as its work and
-- the gaps in it, cut at the period's ends, and at those of days or hours where it is by these. Of each project on its own, of everything, or both
-- ({readings}: 1, 0).
WITH at -> transform(roundDown(at, {cuts:Array(Int64)}), {cuts:Array(Int64)}, arrayEnumerate({cuts:Array(Int64)}), toUInt32(0)) AS cut_of
SELECT
    of_project,
    multiIf({by:String} = 'project', place, {by:String} = 'user', user, {by:String} IN ('day', 'hour'), {days:Array(String)}[slot], '') AS key,
    sum(least(to_ns, {cuts:Array(Int64)}[slot + 1]) - greatest(begun_ns, {cuts:Array(Int64)}[slot])) / 1e9 AS length_s
FROM (
    SELECT *, arrayJoin(range(cut_of(begun_ns), if(to_ns > begun_ns, cut_of(to_ns - 1) + 1, 0))) AS slot
    FROM (
        SELECT of_project, user, place, if(from_ns > reached_ns + {idle_s:UInt32} * 1000000000, from_ns, reached_ns) AS begun_ns, to_ns
        FROM (
            SELECT *, max(to_ns) OVER (PARTITION BY of_project, user, place ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached_ns
            FROM (
                SELECT arrayJoin({readings:Array(UInt8)}) AS of_project, user, if(of_project = 1, project, '') AS place, from_ns, to_ns
                FROM told_parts_at(since = {since:Date} - 1, until = {until:Date} + 1, user = {user:String}, now = {now:Int64})
                WHERE kind < 3 AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
                  AND ({agent:String} = '' OR agent = {agent:String})
            )
        )
    )
)
WHERE to_ns > {cuts:Array(Int64)}[1] AND slot < length({cuts:Array(Int64)})
GROUP BY of_project, key
ORDER BY of_project, key
