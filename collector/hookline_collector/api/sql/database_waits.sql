-- What did the sessions of a database do or wait for?
SELECT toString(wait_class) AS wait_class, toString(wait_event) AS wait_event, sum(seconds) AS total_s, sum(samples) AS samples
FROM db_load(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
WHERE database = {database:String}
GROUP BY wait_class, wait_event
ORDER BY total_s DESC
LIMIT 50
