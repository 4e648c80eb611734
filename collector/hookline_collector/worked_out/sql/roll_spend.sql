-- What requests of some days add up to: by who, where and which model, or by half hours.
INSERT INTO worked_days (grain, version, day, agent, COLUMNS, requests, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, cost_usd, requests_without_cost)
SELECT GRAIN, {version:UInt64}, day, agent, KEYS,
    count(), sum(w.input_tokens), sum(w.output_tokens), sum(w.cache_read_tokens), sum(w.cache_creation_tokens), sum(w.cost_usd),
    countIf(w.cost_usd IS NULL)
FROM worked_requests AS w FINAL
WHERE day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
  AND intDiv(time_ns, 86400000000000) = toUInt16(day)
GROUP BY day, agent, KEYS
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
