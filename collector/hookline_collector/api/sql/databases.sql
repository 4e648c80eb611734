-- Which databases are looked at (or the one of {database}), and what did their sessions do or wait for?
SELECT
    toString(database) AS database,
    toString(wait_class) AS wait_class,
    sum(seconds) AS total_s,
    sum(samples) AS samples,
    max(minute) AS last
FROM db_load(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
WHERE {database:String} = '' OR database = {database:String}
GROUP BY database, wait_class
ORDER BY database, total_s DESC
LIMIT 10000
