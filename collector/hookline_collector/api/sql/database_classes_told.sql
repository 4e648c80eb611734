-- The same of what is not worked out yet.
SELECT database, class AS wait_class, wait_event, sum(total_s) AS total_s, sum(samples) AS samples, max(minute) AS last
FROM db_classes_of_samples(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
WHERE {database:String} = '' OR database = {database:String}
GROUP BY database, wait_class, wait_event
