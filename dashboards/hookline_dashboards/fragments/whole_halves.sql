toUnixTimestamp64Nano(now64(9)) AS now_ns,
toInt64(toUnixTimestamp($__fromTime)) * 1000000000 AS range_from,
toInt64(toUnixTimestamp($__toTime)) * 1000000000 AS range_to,
assumeNotNull((
    WITH is_cut OR toUnixTimestamp(toStartOfDay(toTimeZone($__fromTime, ${timezone:singlequote}))) % 1800 != 0 AS is_by_stretches
    SELECT greatest(
        range_from,
        arrayMin(arrayPushBack(
            groupArray(from_ns - from_ns % 1800000000000), if(is_by_stretches, range_from, range_to - range_to % 1800000000000))))
    FROM worked_running FINAL
    WHERE (kind < 3 OR reason IN (3, 4))
      AND if(sure_end_ns > 0, sure_end_ns, if(now_ns - heard_ns <= 3600000000000, to_ns, 0)) > from_ns
)) AS halves_to
