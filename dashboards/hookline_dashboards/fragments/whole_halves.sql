toUnixTimestamp64Nano(now64(9)) AS now_ns,
toInt64(toUnixTimestamp($__fromTime)) * 1000000000 AS range_from,
toInt64(toUnixTimestamp($__toTime)) * 1000000000 AS range_to,
intDiv(range_from + 1799999999999, 1800000000000) * 1800000000000 AS halves_from,
assumeNotNull((
    SELECT if(
        is_cut OR toUnixTimestamp(toStartOfDay(toTimeZone($__fromTime, ${timezone:singlequote}))) % 1800 != 0, 0,
        ifNull(minOrNull(from_ns - from_ns % 1800000000000), range_to))
    FROM worked_running FINAL
    WHERE (kind < 3 OR reason IN (3, 4))
      AND from_ns < multiIf(sure_end_ns > 0, sure_end_ns, now_ns - heard_ns <= 3600000000000, to_ns, 0)
)) AS stretches_from
