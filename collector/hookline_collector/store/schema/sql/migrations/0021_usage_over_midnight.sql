-- The requests that count, each once, as in 0013, with the session and prompt they belong to. A request that was written over midnight has a row on
-- either day: it counts once, with the most that is known of it, on the day of its first record. So the days around are read as well. The
-- session is the first by name of those that a request's best source names: a fork copies its past.
CREATE OR REPLACE VIEW ${database}.usage_counted_between ${on_cluster}
AS WITH
    request -> request.input_tokens + request.output_tokens + request.cache_read_tokens + request.cache_creation_tokens AS tokens_of,
    arrayFilter(request -> request.source = 2, requests) AS own,
    arrayFilter(request -> request.source = 1, requests) AS read,
    notEmpty(own) AND arrayAll(request -> request.has_id = 1, own) AS own_has_ids,
    arraySum(arrayMap(request -> tokens_of(request), arrayFilter(request -> request.has_id = 0 OR NOT own_has_ids, read))) AS read_tokens,
    arraySum(arrayMap(request -> tokens_of(request), own)) AS own_tokens
SELECT
    session_id,
    prompt_id,
    arrayJoin(multiIf(
        empty(read) OR empty(own), requests,
        own_has_ids, arrayFilter(request -> request.source = 2 OR request.has_id = 1, requests),
        read_tokens > own_tokens, read,
        own)) AS request
FROM (
    SELECT
        session_id,
        prompt_id,
        groupArray(CAST(
            (request_key, source, has_id, time, model, agent, user, account, host, project, branch, agent_id, is_subagent,
             input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, cache_1h_tokens, client_cost_usd, duration_ms),
            'Tuple(request_key String, source UInt8, has_id UInt8, time DateTime64(9, \'UTC\'), model String, agent String, user String, account String,
             host String, project String, branch String, agent_id String, is_subagent UInt8, input_tokens Int64, output_tokens Int64,
             cache_read_tokens Int64, cache_creation_tokens Int64, cache_1h_tokens Int64, client_cost_usd Float64, duration_ms Float64)')) AS requests
    FROM (
        SELECT
            u.request_key AS request_key,
            max(u.source) AS source,
            max(u.has_id) AS has_id,
            min((3 - u.source, u.session_id)).2 AS session_id,
            argMaxIf(u.prompt_id, u.source, u.prompt_id != '') AS prompt_id,
            min((3 - u.source, u.time)).2 AS time,
            argMax(toString(u.model), u.source) AS model,
            argMaxIf(u.agent, u.source, u.agent != '') AS agent,
            argMaxIf(u.user, u.source, u.user != '') AS user,
            argMaxIf(u.account, u.source, u.account != '') AS account,
            argMaxIf(u.host, u.source, u.host != '') AS host,
            max((u.source * (u.project != ''), u.project, u.branch)) AS place,
            place.2 AS project,
            place.3 AS branch,
            argMaxIf(u.agent_id, u.source, u.agent_id != '') AS agent_id,
            max(u.is_subagent) AS is_subagent,
            max((u.source, u.input_tokens)).2 AS input_tokens,
            max((u.source, u.output_tokens)).2 AS output_tokens,
            max((u.source, u.cache_read_tokens)).2 AS cache_read_tokens,
            max((u.source, u.cache_creation_tokens)).2 AS cache_creation_tokens,
            max((u.source, u.cache_1h_tokens)).2 AS cache_1h_tokens,
            max(u.client_cost_usd) AS client_cost_usd,
            max(u.duration_ms) AS duration_ms
        FROM ${database}.usage_state AS u FINAL
        WHERE u.day BETWEEN {since:Date} - 1 AND {until:Date} + 1
        GROUP BY request_key
        HAVING toDate(time) BETWEEN {since:Date} AND {until:Date}
    ) AS merged
    LEFT JOIN (
        SELECT session_id, groupArray(time) AS own_times
        FROM ${database}.usage_state FINAL
        WHERE source = 2 AND day BETWEEN {since:Date} AND {until:Date}
          AND session_id IN (SELECT session_id FROM ${database}.usage_state WHERE source = 1 AND prompt_id = '' AND day BETWEEN {since:Date} AND {until:Date})
        GROUP BY session_id
    ) AS own USING (session_id)
    WHERE NOT (source = 1 AND prompt_id = '' AND arrayExists(own_time -> abs(dateDiff('millisecond', own_time, time)) <= 60000, own_times))
    GROUP BY session_id, prompt_id
);

-- The same over all days: within the calendar, as the days around are read too.
CREATE OR REPLACE VIEW ${database}.usage ${on_cluster}
AS SELECT * FROM ${database}.usage_between(since = '1970-01-02', until = '2149-06-05');
