-- How long does a model take to its first token, by model? Told by agents' own traces.
WITH quantiles(0.5, 0.95)(assumeNotNull(first_token_s)) AS within
SELECT
    $__timeInterval(time) AS t,
    toString(name) AS of_model,
    toNullable(within[1]) AS p50,
    toNullable(within[2]) AS p95
FROM client_runs_between(since = $__fromTime, until = $__toTime)
WHERE what IN ('claude_code.llm_request', 'qwen-code.llm_request') AND first_token_s IS NOT NULL
  AND $__conditionalAll(
      session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND user IN (${person:singlequote})), $person)
  AND $__conditionalAll(
      session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND project IN (${project:singlequote})), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(name IN (${model:singlequote}), $model)
GROUP BY t, of_model
ORDER BY t WITH FILL STEP $__interval_s, lower(of_model)
INTERPOLATE (of_model)
