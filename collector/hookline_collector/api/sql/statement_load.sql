-- How long were sessions of a database busy with its statements (or the one of {statement_hash}), as it was worked out by the minute?
SELECT statement_hash, wait_class, sum(seconds) AS total_s
FROM db_load_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')} AND database = {database:String}
  AND wait_class NOT IN ('idle_in_transaction', 'sleep')
  AND statement_hash != '' AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String})
GROUP BY statement_hash, wait_class
