-- How many tokens were used, by kind?
SELECT
    $__timeInterval(toDateTime(intDiv(time_ns, 1000000000), 'UTC')) AS t,
    sum(input_tokens) AS input,
    sum(output_tokens) AS output,
    sum(cache_creation_tokens) AS `written to cache`,
    sum(cache_read_tokens) AS `read from cache`
{{requests_of_range}}
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
GROUP BY t
ORDER BY t
