-- When did machines sleep, under which sessions?
SELECT session_id, toUnixTimestamp64Nano(slept) AS from_ns, toUnixTimestamp64Nano(woke) AS to_ns
FROM suspends_state FINAL
WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND toUnixTimestamp64Nano(woke) > {start:Int64} AND toUnixTimestamp64Nano(slept) < {end:Int64}
ORDER BY from_ns, to_ns
LIMIT 20000
