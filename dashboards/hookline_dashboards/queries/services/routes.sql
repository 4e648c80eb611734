-- Which routes took how long, and how many of their requests failed?
WITH
    1 AS by_hours,
    {{requests_worked_out}}
SELECT name, place, requests, failed, took / requests AS mean, within(0.95) AS p95, within(0.99) AS p99, took AS total
FROM (
    SELECT
        toString(trim(concat(attributes['http.request.method'], ' ', attributes['http.route']))) AS name,
        toString(service) AS place,
        sum(served) AS requests,
        sumIf(served, attributes['error.type'] != '') / sum(served) AS failed,
        sum(took_s) AS took,
        sumForEach(buckets) AS counts,
        anyIf(ends, notEmpty(ends)) AS bounds
    FROM (
        {{requests_counted}}
    )
    WHERE $__conditionalAll(service IN (${service:singlequote}), $service)
    GROUP BY name, place
    HAVING requests > 0
)
ORDER BY total DESC
LIMIT 100
