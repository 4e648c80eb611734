-- Of which parts do the tables consist that are worked out?
SELECT table, partition_id, name, min_block_number, max_block_number
FROM system.parts
WHERE database = currentDatabase() AND active
  AND table IN ('sessions_state', 'tool_calls_state', 'activity_state', 'usage_state', 'suspends_state', 'places_state', 'prices')
