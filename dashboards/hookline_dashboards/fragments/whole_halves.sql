toInt64(toUnixTimestamp($__fromTime)) * 1000 AS range_from_ms,
toInt64(toUnixTimestamp($__toTime)) * 1000 AS range_to_ms,
(
    SELECT min(from_ns - from_ns % 1800000000000)
    FROM worked_running FINAL
    WHERE (kind < 3 OR reason IN (3, 4))
      AND if(sure_end_ns > 0, sure_end_ns, if(toUnixTimestamp64Nano(now64(9)) - heard_ns <= 3600000000000, to_ns, 0)) > from_ns
) AS live_ns,
is_cut OR toUnixTimestamp(toStartOfDay(toTimeZone($__fromTime, ${timezone:singlequote}))) % 1800 != 0 AS is_by_stretches,
if(live_ns = 0, range_to_ms, least(range_to_ms, intDiv(live_ns, 1000000))) AS still_ms,
if(is_by_stretches, range_from_ms, intDiv(range_from_ms + 1799999, 1800000) * 1800000) AS halves_from_ms,
if(is_by_stretches, range_from_ms, greatest(halves_from_ms, still_ms - still_ms % 1800000)) AS halves_to_ms
