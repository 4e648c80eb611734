toUnixTimestamp64Nano(now64(9)) AS now_ns,
toInt64(toUnixTimestamp($__fromTime)) * 1000000000 AS range_from,
toInt64(toUnixTimestamp($__toTime)) * 1000000000 AS range_to,
if(
    is_cut OR toUnixTimestamp(toStartOfDay(toTimeZone($__fromTime, ${timezone:singlequote}))) % 1800 != 0, 0,
    range_to - assumeNotNull((
        SELECT max(greatest(0, range_to - from_ns))
        FROM worked_running FINAL
        WHERE (kind < 3 OR reason IN (3, 4)) AND (sure_end_ns > 0 OR heard_ns >= now_ns - 3600000000000)
    ))) AS halves_to
