-- As in 0018, but a source that knows what came of a call counts before one that does not: as a signed number, the rank of who knows was below
-- all others'. One row a call that touches the days from `since` to `until`: each fact from the best evidence for it (observed, derived, inferred; then hook, the
-- agent's own telemetry, the transcript), what is no evidence from the best source that knows it. A call whose end is not observed does not
-- outlast its turn. A call belongs to one session, also where a fork of an older client repeats it.
-- run_s is the client's own measure where it gave one, and 0 of a denied call, which never ran; the time in which the machine slept is in neither
-- run_s nor wait_s. wait_s is the time that a person let the call wait: to the decision. evidence and evidence_source say how its end is known.
CREATE OR REPLACE VIEW ${database}.tool_calls_between ${on_cluster}
AS WITH
    c.ending.3 AS told_ended,
    if(t.evidence > c.ending.1 AND c.background = 0 AND told_ended > t.ended, greatest(t.ended, c.requested), told_ended) AS ended_at,
    toUnixTimestamp64Nano(ended_at) AS to_ns,
    arraySum(arrayMap(sleep -> greatest(0, least(to_ns, sleep.2) - greatest(toUnixTimestamp64Nano(started_at), sleep.1)), z.sleeps)) / 1e9 AS slept_s,
    greatest(0, to_ns - toUnixTimestamp64Nano(started_at)) / 1e9 - slept_s AS span_s
SELECT
    c.session_id AS session_id,
    c.call_id AS call_id,
    c.tool AS tool,
    c.prompt_id AS prompt_id,
    c.agent AS agent,
    c.user AS user,
    c.host AS host,
    c.place.2 AS project,
    c.place.3 AS branch,
    c.agent_id AS agent_id,
    c.mcp_server AS mcp_server,
    c.file_extension AS file_extension,
    c.background AS background,
    c.requested AS requested,
    least(c.started_at, ended_at) AS started,
    ended_at AS ended,
    multiIf(
        outcome = 'denied', 0,
        c.run_ms >= 0, if(slept_s > 0, least(c.run_ms / 1e3, greatest(0, span_s)), c.run_ms / 1e3),
        greatest(0, span_s)) AS run_s,
    if(
        notEmpty(c.waits),
        arraySum(arrayMap(wait -> greatest(0, toUnixTimestamp64Nano(wait.2) - toUnixTimestamp64Nano(wait.1)
            - arraySum(arrayMap(
                sleep -> greatest(0, least(toUnixTimestamp64Nano(wait.2), sleep.2) - greatest(toUnixTimestamp64Nano(wait.1), sleep.1)), z.sleeps))),
            c.waits)) / 1e9,
        if(startsWith(c.decision_source, 'user'), greatest(0, c.native_wait_ms), 0) / 1e3) AS wait_s,
    if(c.said.1 = 1, c.said.5, 'unknown') AS outcome,
    c.error_type AS error_type,
    c.closed_by AS closed_by,
    c.input_bytes AS input_bytes,
    c.output_bytes AS output_bytes,
    c.decision AS decision,
    c.decision_source AS decision_source,
    c.native_run_s AS native_run_s,
    c.from_hook AS from_hook,
    c.from_native AS from_native,
    c.from_transcript AS from_transcript,
    transform(c.ending.1, [3, 2, 1], ['observed', 'derived', 'inferred'], '') AS evidence,
    transform(c.ending.2, [5, 4, 3, 2, 1], ['hook', 'native', 'transcript', 'process', 'rule'], '') AS evidence_source,
    c.place.4 AS revision
FROM (
    WITH
        s.source * 65536 + toUInt16(s.day) AS standing,
        (s.ending.1 * 8 + s.ending.2) * 288230376151711744 + bitShiftRight(toUnixTimestamp64Nano(s.ending.3), 4) AS rank,
        (s.said.2 * 8 + s.said.3) * 288230376151711744 + bitShiftRight(toUnixTimestamp64Nano(s.said.4), 4) AS word,
        text -> argMaxIf(text, standing, text != '') AS best
    SELECT
        if(length(call_id) >= 20, '', s.session_id) AS of_session,
        min((3 - s.source, s.session_id)).2 AS session_id,
        call_id,
        best(s.tool) AS tool,
        best(s.prompt_id) AS prompt_id,
        best(s.agent) AS agent,
        best(s.user) AS user,
        best(s.host) AS host,
        argMax(s.place, (s.source, s.place.1)) AS place,
        best(s.agent_id) AS agent_id,
        best(s.mcp_server) AS mcp_server,
        best(s.file_extension) AS file_extension,
        max(s.background) AS background,
        argMaxIf(s.requested, standing, s.requested < '2199-01-01') AS requested,
        argMaxIf(if(s.started > s.ended, s.requested, s.started), standing, s.ended > 0 AND least(s.started, s.requested) < '2199-01-01') AS started_at,
        argMax(s.ending, rank) AS ending,
        argMaxIf(s.run_ms, rank, s.run_ms >= 0) AS run_ms_known,
        if(max(s.run_ms) >= 0, run_ms_known, -1.) AS run_ms,
        maxIf(s.whole_ms, s.source = 2) - greatest(0, maxIf(s.run_ms, s.source = 2)) AS native_wait_ms,
        max(s.decided) AS decided,
        arraySort(groupUniqArrayArray(arrayMap(wait -> (s.source, wait.1, wait.2, wait.3, wait.4), s.wait_ends))) AS told_waits,
        arrayFilter(wait -> wait.1 = arrayMax(w -> w.1, told_waits), told_waits) AS own_waits,
        arrayMap(
            (wait, next) -> (
                wait.2,
                multiIf(
                    wait.2 = next.2, wait.2,
                    wait.3 < 3 AND next.1 = 0 AND decided.1 > wait.3 AND decided.3 > wait.2, decided.3,
                    wait.5)),
            own_waits,
            arrayResize(arrayPopFront(own_waits), length(own_waits), (toUInt8(0), toDateTime64(0, 9, 'UTC'), toUInt8(0), toUInt8(0), toDateTime64(0, 9, 'UTC')))) AS waits,
        argMax(s.said, toUInt64(s.said.1) * 9223372036854775808 + toUInt64(word)) AS told,
        argMaxIf(s.said, word, s.said.2 = 3 AND s.said.5 IN ('interrupted', 'denied')) AS stopped,
        if(told.5 = 'failure' AND stopped.1 = 1, stopped, told) AS said,
        argMaxIf(s.said.6, standing, s.said.6 != '') AS error_type,
        argMax(s.said.7, rank) AS closed_by,
        argMaxIf(s.input_bytes, standing, s.input_bytes >= 0) AS input_bytes,
        argMaxIf(s.output_bytes, standing, s.output_bytes >= 0) AS output_bytes,
        best(s.decision) AS decision,
        max(s.decision_source) AS decision_source,
        greatest(0, maxIf(s.run_ms, s.source = 2)) / 1e3 AS native_run_s,
        toUInt8(max(s.source = 3)) AS from_hook,
        toUInt8(max(s.source = 2)) AS from_native,
        toUInt8(max(s.source = 1)) AS from_transcript
    FROM (
        SELECT * EXCEPT (last, ending, said, decided, place), identity(c.ending) AS ending, identity(c.said) AS said,
            identity(c.decided) AS decided, identity(c.place) AS place
        FROM ${database}.tool_calls_state AS c FINAL
        WHERE day BETWEEN {since:Date} AND {until:Date}
    ) AS s
    GROUP BY of_session, call_id
    HAVING max(s.ending.1) > 0
) AS c
LEFT JOIN (
    SELECT session_id, if(told_prompt != '', told_prompt, linked) AS prompt_id, max(best).1 AS evidence, max(best).3 AS ended
    FROM (
        SELECT session_id, a.prompt_id AS told_prompt, id, max(a.linked_prompt) AS linked, max(a.ending) AS best
        FROM ${database}.activity_state AS a
        WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND kind = 'turn'
          AND session_id IN (
              SELECT session_id
              FROM ${database}.tool_calls_state AS weak
              WHERE day BETWEEN {since:Date} AND {until:Date} AND weak.ending.1 IN (1, 2))
        GROUP BY session_id, told_prompt, id
    )
    GROUP BY session_id, prompt_id
) AS t ON t.session_id = c.session_id AND t.prompt_id = c.prompt_id
LEFT JOIN (
    SELECT session_id, groupUniqArray((toUnixTimestamp64Nano(p.slept), toUnixTimestamp64Nano(p.woke))) AS sleeps
    FROM ${database}.suspends_state AS p FINAL
    WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1
    GROUP BY session_id
) AS z ON z.session_id = c.session_id;

-- Who was active when, as `activity_parts_at` says it, of what was worked out: what runs is cut at `now`.
CREATE OR REPLACE VIEW ${database}.worked_parts_at ${on_cluster}
AS SELECT kind, reason, from_ns, to_ns, agents, user, host, project, branch, revision, session_id, prompt_id, source, act_ns
FROM ${database}.worked_parts FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} AND ({user:String} = '' OR user = {user:String})
UNION ALL
SELECT
    kind, reason,
    greatest(from_ns, toUnixTimestamp64Nano(toDateTime64({since:Date}, 9, 'UTC'))) AS begun_ns,
    least(
        to_ns,
        toUnixTimestamp64Nano(toDateTime64({until:Date} + 1, 9, 'UTC')),
        multiIf(sure_end_ns > 0, least(sure_end_ns, {now:Int64}), {now:Int64} - heard_ns <= 3600000000000, {now:Int64}, toInt64(0))) AS ended_ns,
    toInt64(1), user, host, project, branch, revision, session_id, prompt_id, source, toInt64(0)
FROM ${database}.worked_running FINAL
WHERE ended_ns > begun_ns AND ({user:String} = '' OR user = {user:String});
