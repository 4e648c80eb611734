toUnixTimestamp64Nano(now64(9)) AS now_ns,
toInt64(toUnixTimestamp($__toTime + 172800)) * 1000000000 AS later_ns,
later_ns - assumeNotNull((
    SELECT max(greatest(0, later_ns - from_ns + from_ns % 1800000000000))
    FROM worked_running FINAL
    WHERE kind < 3 AND (sure_end_ns > 0 OR heard_ns >= now_ns - 3600000000000)
)) AS live_ns
