-- One row an API request, source and day. The key is the request's id where the record has one, so both sources of one request meet; else the
-- message's id (a transcript) or the moment in its session (the agent's own record). A fork copies its past: the key holds no session.
CREATE TABLE IF NOT EXISTS ${database}.usage_state ${on_cluster} (
    day Date,
    request_key String,
    source UInt8,
    has_id SimpleAggregateFunction(max, UInt8),
    session_id SimpleAggregateFunction(min, String),
    prompt_id SimpleAggregateFunction(max, String),
    time SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    model LowCardinality(String),
    agent SimpleAggregateFunction(max, String),
    user SimpleAggregateFunction(max, String),
    account SimpleAggregateFunction(max, String),
    host SimpleAggregateFunction(max, String),
    project SimpleAggregateFunction(max, String),
    branch SimpleAggregateFunction(max, String),
    agent_id SimpleAggregateFunction(max, String),
    is_subagent SimpleAggregateFunction(max, UInt8),
    input_tokens SimpleAggregateFunction(max, Int64),
    output_tokens SimpleAggregateFunction(max, Int64),
    cache_read_tokens SimpleAggregateFunction(max, Int64),
    cache_creation_tokens SimpleAggregateFunction(max, Int64),
    cache_1h_tokens SimpleAggregateFunction(max, Int64),
    client_cost_usd SimpleAggregateFunction(max, Float64),
    duration_ms SimpleAggregateFunction(max, Float64)
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, request_key, source, model)
SETTINGS ${deduplication};

-- From the agent's own api_request records, and from what was read of transcripts. Answers that the client made up itself are no requests.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.usage_mv ${on_cluster}
TO ${database}.usage_state
AS WITH
    name = 'usage' AS is_transcript,
    (attribute) -> toInt64OrZero(attributes[attribute]) AS number,
    if(is_transcript, attributes['hookline.request.id'], attributes['request_id']) AS id,
    number('gen_ai.usage.cache_read.input_tokens') + number('gen_ai.usage.cache_creation.input_tokens') AS cached
SELECT
    toDate(agent_logs.time) AS day,
    multiIf(
        id != '', id,
        is_transcript, concat('message:', attributes['gen_ai.response.id']),
        concat('at:', session_id, ':', toString(toUnixTimestamp64Nano(agent_logs.time)), ':', attributes['event.sequence'])) AS request_key,
    toUInt8(if(is_transcript, 1, 2)) AS source,
    toUInt8(id != '') AS has_id,
    session_id,
    prompt_id,
    time,
    model,
    agent,
    user,
    multiIf(
        attributes['hookline.account'] != '', attributes['hookline.account'],
        attributes['user.account_uuid'] != '', attributes['user.account_uuid'],
        '') AS account,
    host, project, branch, agent_id,
    toUInt8(agent_id != '' OR attributes['hookline.usage.sidechain'] = 'true' OR startsWith(attributes['query_source'], 'agent')) AS is_subagent,
    multiIf(
        NOT is_transcript, number('input_tokens'),
        attributes['hookline.usage.uncached_input_tokens'] != '', number('hookline.usage.uncached_input_tokens'),
        greatest(0, number('gen_ai.usage.input_tokens') - cached)) AS input_tokens,
    if(is_transcript, number('gen_ai.usage.output_tokens'), number('output_tokens')) AS output_tokens,
    if(is_transcript, number('gen_ai.usage.cache_read.input_tokens'), number('cache_read_tokens')) AS cache_read_tokens,
    if(is_transcript, number('gen_ai.usage.cache_creation.input_tokens'), number('cache_creation_tokens')) AS cache_creation_tokens,
    if(is_transcript, number('hookline.usage.cache_creation_1h'), number('cache_creation_1h_tokens')) AS cache_1h_tokens,
    if(attributes['cost_usd'] = '', -1., toFloat64OrZero(attributes['cost_usd'])) AS client_cost_usd,
    toFloat64OrZero(attributes['duration_ms']) AS duration_ms
FROM ${database}.agent_logs
WHERE name IN ('api_request', 'usage') AND model != '<synthetic>'
  AND (source = 2 OR is_transcript) AND (NOT is_transcript OR id != '' OR attributes['gen_ai.response.id'] != '');

-- What a million tokens cost, in USD, by the beginning of a model's name, for requests with more than over_tokens in the prompt. Every load of the
-- price file is a batch; the newest counts.
CREATE TABLE IF NOT EXISTS ${database}.prices ${on_cluster} (
    loaded DateTime64(9, 'UTC'),
    model_prefix String,
    over_tokens Int64,
    input Float64,
    output Float64,
    cache_write_5m Float64,
    cache_write_1h Float64,
    cache_read Float64
)
ENGINE = ${replicated}MergeTree
ORDER BY (loaded, model_prefix, over_tokens)
SETTINGS ${deduplication};

-- The prices of each model that was used, from the longest beginning of its name, in bands of prompt size. Clouds put words before a model's name.
CREATE VIEW IF NOT EXISTS ${database}.model_prices ${on_cluster}
AS SELECT model, argMax(bands, length(model_prefix)) AS bands
FROM (
    SELECT DISTINCT toString(model) AS model, if(position(model, 'claude-') > 0, substring(model, position(model, 'claude-')), model) AS plain_model
    FROM ${database}.usage_state
) AS used
CROSS JOIN (
    SELECT model_prefix, arraySort(groupArray((over_tokens, input, output, cache_write_5m, cache_write_1h, cache_read))) AS bands
    FROM ${database}.prices
    WHERE loaded = (SELECT max(loaded) FROM ${database}.prices)
    GROUP BY model_prefix
) AS listed
WHERE startsWith(used.plain_model, listed.model_prefix)
GROUP BY model;

-- The requests that count, each once, with the session and prompt they belong to. Where the agent's own record and a transcript tell of the same
-- prompt and share no request ids, the one that knows of more tokens speaks for the whole prompt; a transcript's request without a prompt does not
-- count when the agent itself recorded one in that session within a minute.
CREATE VIEW IF NOT EXISTS ${database}.usage_counted_between ${on_cluster}
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
            argMax(u.session_id, u.source) AS session_id,
            argMaxIf(u.prompt_id, u.source, u.prompt_id != '') AS prompt_id,
            argMax(u.time, u.source) AS time,
            argMax(toString(u.model), u.source) AS model,
            argMaxIf(u.agent, u.source, u.agent != '') AS agent,
            argMaxIf(u.user, u.source, u.user != '') AS user,
            argMaxIf(u.account, u.source, u.account != '') AS account,
            argMaxIf(u.host, u.source, u.host != '') AS host,
            argMaxIf(u.project, u.source, u.project != '') AS project,
            argMaxIf(u.branch, u.source, u.branch != '') AS branch,
            argMaxIf(u.agent_id, u.source, u.agent_id != '') AS agent_id,
            max(u.is_subagent) AS is_subagent,
            argMax(u.input_tokens, u.source) AS input_tokens,
            argMax(u.output_tokens, u.source) AS output_tokens,
            argMax(u.cache_read_tokens, u.source) AS cache_read_tokens,
            argMax(u.cache_creation_tokens, u.source) AS cache_creation_tokens,
            argMax(u.cache_1h_tokens, u.source) AS cache_1h_tokens,
            max(u.client_cost_usd) AS client_cost_usd,
            max(u.duration_ms) AS duration_ms
        FROM ${database}.usage_state AS u FINAL
        WHERE u.day BETWEEN {since:Date} AND {until:Date}
        GROUP BY request_key
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

-- One row an API request: its tokens, and its cost as the client gave it, else from the price table, else unknown (NULL).
-- input_tokens are those that came from no cache.
CREATE VIEW IF NOT EXISTS ${database}.usage_between ${on_cluster}
AS SELECT * EXCEPT (price) FROM (
SELECT
    request.request_key AS request_key,
    c.session_id AS session_id,
    c.prompt_id AS prompt_id,
    request.time AS time,
    request.model AS model,
    request.agent AS agent,
    request.user AS user,
    request.account AS account,
    request.host AS host,
    request.project AS project,
    request.branch AS branch,
    request.agent_id AS agent_id,
    request.is_subagent AS is_subagent,
    request.input_tokens AS input_tokens,
    request.output_tokens AS output_tokens,
    request.cache_read_tokens AS cache_read_tokens,
    request.cache_creation_tokens AS cache_creation_tokens,
    input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens AS total_tokens,
    arrayLast(band -> band.1 <= input_tokens + cache_read_tokens + cache_creation_tokens, p.bands) AS price,
    multiIf(
        request.client_cost_usd >= 0, toNullable(request.client_cost_usd),
        empty(p.bands), NULL,
        (input_tokens * price.2 + output_tokens * price.3 + (cache_creation_tokens - request.cache_1h_tokens) * price.4
            + request.cache_1h_tokens * price.5 + cache_read_tokens * price.6) / 1e6) AS cost_usd,
    multiIf(request.client_cost_usd >= 0, 'client', empty(p.bands), 'unknown', 'prices') AS cost_source,
    request.duration_ms / 1e3 AS duration_s,
    if(request.source = 2, 'native', 'transcript') AS source_name
FROM ${database}.usage_counted_between(since = {since:Date}, until = {until:Date}) AS c
LEFT JOIN ${database}.model_prices AS p ON p.model = request.model
);

-- The same over all days.
CREATE VIEW IF NOT EXISTS ${database}.usage ${on_cluster}
AS SELECT * FROM ${database}.usage_between(since = '1970-01-01', until = '2149-06-06');
