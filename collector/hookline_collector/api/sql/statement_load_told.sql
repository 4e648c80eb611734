-- The same of what is not worked out yet.
SELECT statement_hash, wait_class, sum(seconds) AS total_s
FROM db_load_of_samples(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
WHERE database = {database:String} AND wait_class NOT IN ('idle_in_transaction', 'sleep')
  AND statement_hash != '' AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
GROUP BY statement_hash, wait_class
