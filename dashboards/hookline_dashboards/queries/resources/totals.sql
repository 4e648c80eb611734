-- How many requests were made, with how many tokens, at what cost, and which share of the input came from the cache?
SELECT
    sum(total_tokens) AS tokens,
    sum(cost_usd) AS cost,
    sum(cache_read_tokens) / nullIf(sum(input_tokens + cache_read_tokens + cache_creation_tokens), 0) AS `from cache`,
    count() AS requests
{{requests_of_range}}
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
HAVING requests > 0
