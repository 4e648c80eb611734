-- The same of hours that are worked out.
SELECT database, wait_class, wait_event, sum(seconds) AS total_s, sum(samples) AS samples, max(db_classes_1h.last) AS last
FROM db_classes_1h FINAL
WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')} AND ({database:String} = '' OR database = {database:String})
GROUP BY database, wait_class, wait_event
