-- Which plans do the statements of a database have?
SELECT
    database, namespace, statement_hash, query_id, plan_hash, first, last, source AS plan_source, if(cost > 0, cost, NULL) AS plan_cost,
    statement AS query_text, if({with_plan:UInt8} = 1, plan, '') AS plan
FROM db_plans_between(since = {first_day:Date}, until = {last_day:Date})
WHERE ({database:String} = '' OR database = {database:String}) AND ({statement_hash:String} = '' OR statement_hash = {statement_hash:String}
    OR query_id = {statement_hash:String})
ORDER BY last DESC, first DESC
LIMIT {limit:UInt32}
