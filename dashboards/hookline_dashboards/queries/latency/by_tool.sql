-- Which tools take how long, fail how often, and wait how long?
WITH
    true AS is_by_hours,
    sum(calls) AS made,
    sum(denials) AS never_ran,
    quantilesArray(0.5, 0.95, 0.99)(run_values) AS within,
    {{known_days}}
SELECT
    toString(tool) AS name,
    made AS calls,
    sum(failures) / made AS failed,
    never_ran AS denied,
    if(made > never_ran, within[1], NULL) AS p50,
    if(made > never_ran, within[2], NULL) AS p95,
    if(made > never_ran, within[3], NULL) AS p99,
    sum(run_s) AS total,
    sum(wait_s) AS waited
{{calls_by_hour}}
GROUP BY tool
ORDER BY total DESC
LIMIT 100
