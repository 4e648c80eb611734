-- Queries that ended in a time; the log is written some seconds later, so its end lies back.
SELECT toString(normalized_query_hash), any(current_database), any(user), any(substring(query, 1, 65536)), count(), countIf(exception_code != 0),
       sum(query_duration_ms), max(query_duration_ms), sum(toFloat64(query_duration_ms) * query_duration_ms), sum(result_rows), sum(read_rows),
       sum(read_bytes), max(memory_usage), sum(ProfileEvents['OSCPUVirtualTimeMicroseconds'] / 1000)
FROM system.query_log
WHERE type != 'QueryStart' AND event_date >= toDate(fromUnixTimestamp({since:Int64})) AND event_time >= fromUnixTimestamp({since:Int64})
  AND event_time < fromUnixTimestamp({until:Int64}) AND http_user_agent != 'hookline' AND is_initial_query
GROUP BY normalized_query_hash ORDER BY sum(query_duration_ms) DESC LIMIT 1000
