-- The prices of each model that was used, from the longest beginning of its name, in bands of prompt size. Clouds put words before a model's name,
-- routers the provider; what ends in `:free` a router gives away, and the model's own price says nothing of it.
CREATE OR REPLACE VIEW ${database}.model_prices ${on_cluster}
AS SELECT model, argMax(bands, length(model_prefix)) AS bands
FROM (
    WITH arrayElement(splitByChar('/', toString(model)), -1) AS named
    SELECT DISTINCT toString(model) AS model, if(position(named, 'claude-') > 0, substring(named, position(named, 'claude-')), named) AS plain_model
    FROM ${database}.usage_state
    WHERE NOT endsWith(model, ':free')
) AS used
CROSS JOIN (
    SELECT model_prefix, arraySort(groupArray((over_tokens, input, output, cache_write_5m, cache_write_1h, cache_read))) AS bands
    FROM ${database}.prices
    WHERE loaded = (SELECT max(loaded) FROM ${database}.prices)
    GROUP BY model_prefix
) AS listed
WHERE startsWith(used.plain_model, listed.model_prefix)
GROUP BY model;
