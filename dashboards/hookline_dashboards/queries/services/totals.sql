-- How many requests were answered, how many failed, and how many were kept for being slow?
WITH
    ['http.server.request.duration', 'rpc.server.call.duration'] AS of_metrics,
    {{histograms_worked_out}}
SELECT sum(served) AS requests, sum(failed) / sum(served) AS `failed share`, sum(took) / sum(served) AS mean, max(kept) AS kept
FROM (
    SELECT observations AS served, if(attributes['error.type'] != '', observations, 0) AS failed, increase AS took, 0 AS kept
    FROM (
        {{histograms_of_range}}
    )
    WHERE $__conditionalAll(service IN (${service:singlequote}), $service)
    UNION ALL
    SELECT 0, 0, 0, count()
    FROM requests_state FINAL
    PREWHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime)
    WHERE $__timeFilter(started) AND has_log = 1
      AND $__conditionalAll(service IN (${service:singlequote}), $service)
)
HAVING requests > 0
