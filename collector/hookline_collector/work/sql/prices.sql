-- Which prices count now?
SELECT model_prefix, over_tokens, input, output, cache_write_5m, cache_write_1h, cache_read
FROM prices
WHERE loaded = (SELECT max(loaded) FROM prices)
ORDER BY ALL
