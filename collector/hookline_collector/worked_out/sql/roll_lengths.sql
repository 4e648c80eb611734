-- How long blocks are on some days, cut at midnight: by who, by project, or by half hours. A gap that counts belongs to the days on which it is, so what lies
-- beside these days is read too.
INSERT INTO worked_days (grain, version, day, COLUMNS, block_ns)
SELECT GRAIN, {version:UInt64}, toDate(toUInt16(intDiv(at_ns, 86400000000000))) AS of_day, KEYS, sum(least(to_ns, at_ns + 1800000000000) - greatest(begun_ns, at_ns))
FROM (
    SELECT
        user, project, to_ns,
        max(to_ns) OVER (PARTITION BY user, project ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached_ns,
        if(from_ns > reached_ns + 300000000000, from_ns, reached_ns) AS begun_ns,
        arrayJoin(arrayDistinct([begun_ns - begun_ns % 1800000000000, to_ns - 1 - (to_ns - 1) % 1800000000000])) AS at_ns
    FROM (
        SELECT user, project, from_ns, to_ns
        FROM worked_spells FINAL
        WHERE WHICH AND of_agent = 0 AND day BETWEEN {before:Date} AND {after:Date}
          AND (empty({days:Array(Date)}) OR hasAny({days:Array(Date)}, [day - 1, day, day + 1]))
    )
)
WHERE of_day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, of_day))
GROUP BY of_day, KEYS
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
