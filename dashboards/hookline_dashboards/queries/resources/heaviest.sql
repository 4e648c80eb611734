-- Which sessions used most processor time, memory and disk? Of whole hours only the fifty that used most are added up, and who was told of since.
WITH
    ['process.cpu.time', 'process.memory.usage', 'process.disk.io'] AS of_metrics,
    {{sums_told_from}}
SELECT
    session_id AS session,
    any(project) AS place,
    sumIf(increase, metric = 'process.cpu.time') AS processor,
    maxIf(most, metric = 'process.memory.usage') AS `most memory`,
    sumIf(increase, direction = 'read') AS read,
    sumIf(increase, direction = 'write') AS written
FROM (
    SELECT
        MetricName AS metric, ServiceName AS service, ResourceAttributes AS resource, session_id, project, direction,
        Max AS most, Increase AS increase
    FROM otel_metrics_1h FINAL
    PREWHERE $__interval_s >= 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 3600 AND Bucket <= $__toTime
    WHERE session_id IN (
        (
            SELECT session_id
            FROM otel_metrics_1h FINAL
            PREWHERE $__interval_s >= 3600 AND MetricName = 'process.cpu.time' AND Bucket > $__fromTime - 3600 AND Bucket <= $__toTime
            WHERE session_id != ''
              AND $__conditionalAll(ResourceAttributes['user.name'] IN (${person:singlequote}), $person)
              AND $__conditionalAll(project IN (${project:singlequote}), $project)
              AND $__conditionalAll(ServiceName IN (${agent:singlequote}), $agent)
            GROUP BY session_id
            ORDER BY sum(Increase) DESC, session_id
            LIMIT 50
        )
        UNION ALL
        SELECT Attributes['session.id']
        FROM otel_metrics_sum
        PREWHERE MetricName IN of_metrics AND TimeUnix >= rows_from AND TimeUnix <= $__toTime
    )
    UNION ALL
    SELECT MetricName, ServiceName, ResourceAttributes, session_id, project, direction, Max, Increase
    FROM otel_metrics_minutes FINAL
    PREWHERE $__interval_s < 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 60 AND Bucket <= $__toTime
    UNION ALL
    SELECT
        MetricName, ServiceName, ResourceAttributes,
        Attributes['session.id'],
        toLowCardinality(Attributes['hookline.project.name']),
        toLowCardinality(Attributes['disk.io.direction']),
        Value,
        {{increase_of_sum}}
    FROM (
        {{sums_behind_hours}}
    )
    WHERE TimeUnix >= rows_from
)
WHERE session_id != ''
  AND $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
GROUP BY session
ORDER BY processor DESC, session
LIMIT 50
