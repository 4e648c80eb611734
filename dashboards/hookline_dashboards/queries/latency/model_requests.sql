-- How long do requests to the models take: 95 of 100 are answered within, by model?
SELECT $__timeInterval(toDateTime(intDiv(time_ns, 1000000000), 'UTC')) AS t, toString(model) AS name, quantileOrNull(0.95)(duration_s) AS p95
{{requests_of_range}}
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
  AND duration_s > 0
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
