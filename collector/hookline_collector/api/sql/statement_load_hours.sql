-- The same of hours that are worked out.
SELECT statement_hash, wait_class, sum(seconds) AS total_s
FROM db_load_1h FINAL
WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')} AND database = {database:String}
  AND wait_class NOT IN ('idle_in_transaction', 'sleep')
  AND statement_hash != '' AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
GROUP BY statement_hash, wait_class
