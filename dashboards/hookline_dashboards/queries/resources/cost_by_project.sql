-- Which projects cost how much?
SELECT if(of_project = '', 'no project', toString(of_project)) AS name, sum(cost_usd) AS cost
{{requests_of_range}}
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
GROUP BY name
HAVING cost > 0
ORDER BY cost DESC
LIMIT 12
