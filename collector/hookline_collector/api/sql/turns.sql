-- Which turns did a session have, and what did each take?
SELECT t.*, u.requests AS requests, u.total_tokens AS total_tokens, u.cost_usd AS cost_usd, u.requests_without_cost AS requests_without_cost
FROM (SELECT * FROM turns WHERE session_id = {session_id:String}) AS t
LEFT JOIN (
    SELECT
        prompt_id,
        count() AS requests,
        sum(r.total_tokens) AS total_tokens,
        sum(r.cost_usd) AS cost_usd,
        countIf(r.cost_usd IS NULL) AS requests_without_cost
    FROM usage AS r
    WHERE session_id = {session_id:String}
    GROUP BY prompt_id
) AS u ON u.prompt_id = t.prompt_id
ORDER BY t.started
