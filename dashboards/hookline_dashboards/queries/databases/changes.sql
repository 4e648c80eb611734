-- What changed: settings, plans, and how long statements take?
SELECT
    Timestamp AS started,
    ResourceAttributes['hookline.db.name'] AS place,
    multiIf(
        EventName = 'hookline.db.settings_change', concat('setting ', LogAttributes['hookline.db.setting.name']),
        EventName = 'hookline.db.plan_change', concat('plan of ', LogAttributes['db.query.summary']),
        concat('time of ', LogAttributes['db.query.summary'])) AS name,
    multiIf(
        EventName = 'hookline.db.settings_change', LogAttributes['hookline.db.setting.before'],
        EventName = 'hookline.db.plan_change', LogAttributes['hookline.db.plan.hash_before'],
        concat(LogAttributes['hookline.db.regression.before_ms'], ' ms')) AS before,
    multiIf(
        EventName = 'hookline.db.settings_change', LogAttributes['hookline.db.setting.after'],
        EventName = 'hookline.db.plan_change', LogAttributes['hookline.db.plan.hash'],
        concat(LogAttributes['hookline.db.regression.after_ms'], ' ms')) AS after
FROM otel_logs
WHERE $__timeFilter(Timestamp) AND ServiceName = 'hookline-databases'
  AND EventName IN ('hookline.db.settings_change', 'hookline.db.plan_change', 'hookline.db.regression')
  AND $__conditionalAll(place IN (${database:singlequote}), $database)
ORDER BY started DESC
LIMIT 100
