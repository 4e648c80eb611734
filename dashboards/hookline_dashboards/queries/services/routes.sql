-- Which routes took how long, and how many of their requests failed?
WITH
    {{within_buckets}}
SELECT name, place, requests, failed, took / requests AS mean, within(0.95) AS p95, within(0.99) AS p99, took AS total
FROM (
    SELECT
        trim(concat(attributes['http.request.method'], ' ', attributes['http.route'])) AS name,
        toString(service) AS place,
        sum(observations) AS requests,
        sumIf(observations, attributes['error.type'] != '') / sum(observations) AS failed,
        sum(increase) AS took,
        sumForEach(bucket_counts) AS counts,
        any(bounds) AS bounds
    FROM metric_curves(metric = 'http.server.request.duration', since = $__fromTime, until = $__toTime, points = 24)
    WHERE $__conditionalAll(service IN (${service:singlequote}), $service)
    GROUP BY name, place
    HAVING requests > 0
)
ORDER BY total DESC
LIMIT 100
