-- What did the requests of each of a session's prompts take?
SELECT
    prompt_id,
    count() AS requests,
    sum(r.total_tokens) AS total_tokens,
    sum(r.cost_usd) AS cost_usd,
    countIf(r.cost_usd IS NULL) AS requests_without_cost
FROM worked_requests AS r FINAL
PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id = {session_id:String}
GROUP BY prompt_id
