-- Which prices count now, and of which list are they?
SELECT toUnixTimestamp64Nano(loaded) AS list, model_prefix, over_tokens, input, output, cache_write_5m, cache_write_1h, cache_read
FROM prices
WHERE loaded = (SELECT max(loaded) FROM prices)
