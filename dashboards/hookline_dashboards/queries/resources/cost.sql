-- What did the requests cost, by model? Without those whose cost nobody knows.
SELECT $__timeInterval(toDateTime(intDiv(time_ns, 1000000000), 'UTC')) AS t, toString(model) AS name, sum(cost_usd) AS cost
{{requests_of_range}}
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
GROUP BY t, name
HAVING cost > 0
ORDER BY t, name
