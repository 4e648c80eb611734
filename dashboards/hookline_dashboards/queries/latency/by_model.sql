-- Which models answer how fast, and how many tokens a second do they write?
SELECT
    toString(model) AS name,
    count() AS requests,
    quantile(0.5)(duration_s) AS p50,
    quantile(0.95)(duration_s) AS p95,
    sum(output_tokens) / sum(duration_s) AS `tokens a second`
{{requests_of_range}}
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
  AND duration_s > 0
GROUP BY name
ORDER BY requests DESC
LIMIT 50
