toUnixTimestamp64Nano(now64(9)) AS now_ns,
(
    SELECT min(from_ns - from_ns % 1800000000000)
    FROM worked_running FINAL
    WHERE kind < 3 AND if(sure_end_ns > 0, sure_end_ns, if(now_ns - heard_ns <= 3600000000000, to_ns, 0)) > from_ns
) AS first_ns,
if(first_ns = 0, toInt64(toUnixTimestamp($__toTime + 172800)) * 1000000000, assumeNotNull(first_ns)) AS live_ns
