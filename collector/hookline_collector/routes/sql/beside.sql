-- What changed at a time: releases of a service, and in databases settings, plans, and how long statements take?
SELECT at, kind, name, place
FROM (
    SELECT min(TimeUnix) AS at, 'release' AS kind, ResourceAttributes['service.version'] AS name, ServiceName AS place
    FROM otel_metrics_histogram
    WHERE MetricName IN {durations:Array(String)} AND ServiceName = {service:String}
      AND TimeUnix >= {since:DateTime('UTC')} - 7200 AND TimeUnix < {until:DateTime('UTC')} AND ResourceAttributes['service.version'] != ''
    GROUP BY name, place
    HAVING at >= {since:DateTime('UTC')}
    UNION ALL
    SELECT
        Timestamp, transform(EventName, ['hookline.db.settings_change', 'hookline.db.plan_change'], ['setting', 'plan'], 'statement'),
        if(EventName = 'hookline.db.settings_change', LogAttributes['hookline.db.setting.name'], LogAttributes['db.query.summary']),
        ResourceAttributes['hookline.db.name']
    FROM otel_logs
    WHERE toStartOfFiveMinutes(Timestamp) >= toStartOfFiveMinutes({since:DateTime('UTC')}) AND ServiceName = 'hookline-databases'
      AND Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')}
      AND EventName IN ('hookline.db.settings_change', 'hookline.db.plan_change', 'hookline.db.regression')
)
ORDER BY at
LIMIT 10
