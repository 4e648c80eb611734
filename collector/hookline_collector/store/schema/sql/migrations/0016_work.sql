-- Who was active when, worked out from the intervals of 0012 when it is asked for. The rules and their limits stand in docs/work-time.md.
--
-- Within a prompt, `agents` says how many agents work at a moment: the main one while its turn runs and it has not handed over to a subagent, each
-- subagent, less those that wait for a person. Of a wait for a permission or an answer at most the last 30 s are the person's work (reading and
-- deciding), the rest is waiting. Where several sources tell of a prompt, the best one speaks alone.
--
-- Between turns, a person wrote or read for at most 120 s before a prompt, not before the session or the end of its last turn, and not before a turn
-- that the client began itself because a background task had ended; what lies between
-- that and the last turn is waiting for the prompt, up to the session's end and to 12 h. After the last turn it waits until the session's end, else
-- until the last that was heard of it.
--
-- Rows are cut at midnight UTC or at the window, so any range of days adds up from its own rows. An edge is one number: nanoseconds of the day,
-- then 4 bits that say what begins (0 turn, 1 hand-over, 2 subagent, 3 wait, 4 a subagent's wait) or ends (8 more). Five counters of 12 bits run in
-- one sum. kind is 1 agent, 2 human, 3 waiting; reason is 1 turn, 2 prompt, 3 permission, 4 answer. `user` narrows what is read to the sessions of
-- one person; empty reads all (only keys may be filtered before FINAL merges). One statement, because a view within a view costs planning.
CREATE VIEW IF NOT EXISTS ${database}.activity_parts_between ${on_cluster}
AS WITH
    told AS (
        SELECT
            day,
            session_id,
            multiIf(s.prompt_id != '', s.prompt_id, linked_prompt != '', linked_prompt, kind = 'turn', concat('span:', id), '') AS prompt_id,
            kind, source, is_span, reason, user, host, project, branch, revision,
            toUnixTimestamp64Nano(started) AS began,
            toUnixTimestamp64Nano(ended) AS over,
            identity(s.last) AS last,
            multiIf(kind IN ('turn', 'compaction'), 0, kind = 'handover', 1, kind = 'subagent', 2, agent_id = '', 3, 4) AS what
        FROM ${database}.activity_state AS s FINAL
        PREWHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1
            AND ({user:String} = '' OR session_id IN (
                SELECT session_id FROM ${database}.sessions_state AS of_user WHERE of_user.user.4 = {user:String}))
        WHERE ended > 0
          AND (source != 2 OR s.prompt_id != '' OR linked_prompt != '' OR session_id NOT IN (
              SELECT session_id
              FROM ${database}.activity_state
              WHERE source = 3 AND kind = 'turn' AND day BETWEEN {since:Date} - 1 AND {until:Date} + 1))
    ),
    prompts AS (
        WITH
            toUnixTimestamp64Nano(toDateTime64(day, 9, 'UTC')) AS midnight,
            greatest(began, midnight) AS from,
            least(over, midnight + 86400000000000) AS to,
            [bitOr(bitShiftLeft(toUInt64(from - midnight), 4), what), bitOr(bitShiftLeft(toUInt64(to - midnight), 4), what + 8)] AS both_edges,
            toUInt64(kind = 'turn') * 4611686018427387904 + source * 1152921504606846976 + is_span * 576460752303423488 + bitShiftRight(over, 3)
                AS standing
        SELECT
            day,
            session_id,
            prompt_id,
            max(t.source) AS best,
            groupArrayArrayIf(both_edges, source = 3) AS hook_edges,
            groupArrayArrayIf(both_edges, source = 2 AND what > 0) AS native_edges,
            groupArrayArrayIf(both_edges, source = 2 AND what = 0 AND is_span = 1) AS native_turn_edges,
            groupArrayArrayIf(both_edges, source = 2 AND what = 0 AND is_span = 0) AS native_log_edges,
            groupArrayArrayIf(both_edges, source = 1) AS transcript_edges,
            groupArrayIf(
                (
                    source,
                    toUInt8(if(reason = 'answer', 4, 3)),
                    from,
                    to,
                    if(last.closed_by IN ('session_end', 'process_gone', 'timed_out'), over, greatest(began, over - 30000000000))
                ),
                what > 2) AS all_waits,
            argMax(t.user, standing) AS user,
            argMax(t.host, standing) AS host,
            argMax(t.project, standing) AS project,
            argMax(t.branch, standing) AS branch,
            argMax(t.revision, standing) AS revision
        FROM told AS t
        WHERE day BETWEEN {since:Date} AND {until:Date} AND over >= began
        GROUP BY day, session_id, prompt_id
    ),
    within AS (
        WITH
            [1, 4096, 16777216, 68719476736, 281474976710656, 0, 0, 0, -1, -4096, -16777216, -68719476736, -281474976710656] AS weights,
            arraySort(multiIf(
                best = 3, hook_edges,
                best = 2, arrayConcat(native_edges, if(empty(native_turn_edges), native_log_edges, native_turn_edges)),
                transcript_edges)) AS edges,
            arrayMap(
                sum -> toInt64(greatest(
                    0,
                    greatest(
                        bitAnd(sum, 4095) > 0,
                        bitAnd(bitShiftRight(sum, 24), 4095) + (bitAnd(sum, 4095) > 0 AND bitAnd(bitShiftRight(sum, 12), 4095) = 0))
                    - (bitAnd(bitShiftRight(sum, 36), 4095) > 0) - bitShiftRight(sum, 48))),
                arrayCumSum(arrayMap(edge -> weights[bitAnd(edge, 15) + 1], edges))) AS counts,
            arrayMap((n, before) -> n != before, counts, arrayPushFront(arrayPopBack(counts), 0)) AS is_change,
            arrayFilter((edge, keep) -> keep, edges, is_change) AS changes,
            arrayFilter((n, keep) -> keep, counts, is_change) AS agents,
            toUnixTimestamp64Nano(toDateTime64(day, 9, 'UTC')) AS midnight,
            arrayMap(
                (edge, next, n) ->
                    (toUInt8(1), toUInt8(1), midnight + toInt64(bitShiftRight(edge, 4)), midnight + toInt64(bitShiftRight(next, 4)), n),
                arrayPopBack(changes), arrayPopFront(changes), arrayPopBack(agents)) AS slices,
            arrayFilter(wait -> wait.1 = best, all_waits) AS waits
        SELECT
            session_id, prompt_id, user, host, project, branch, revision,
            best AS source,
            arrayJoin(arrayFilter(part -> part.4 > part.3 AND part.5 > 0, if(empty(waits), slices, arrayConcat(
                slices,
                arrayMap(wait -> (toUInt8(3), wait.2, wait.3, least(wait.4, wait.5), toInt64(1)), waits),
                arrayMap(wait -> (toUInt8(2), wait.2, greatest(wait.3, wait.5), wait.4, toInt64(1)), waits))))) AS part
        FROM prompts
    ),
    turns AS (
        WITH
            t.source * 1152921504606846976 + t.is_span * 576460752303423488 + bitShiftRight(t.over, 3) AS rank,
            (3 - t.source) * 1152921504606846976 + (1 - t.is_span) * 576460752303423488 + bitShiftRight(t.began, 3) AS earliest
        SELECT
            session_id,
            prompt_id,
            max(t.source) AS source,
            argMin(t.began, earliest) AS turn_from,
            argMax(t.over, rank) AS turn_to,
            max(t.source) = 3 AND argMax(t.last.is_span, rank) = 0 AS is_open,
            max(t.reason = 'task_notification') AS is_its_own,
            argMaxIf(t.user, rank, t.user != '') AS user,
            argMaxIf(t.host, rank, t.host != '') AS host,
            argMaxIf(t.project, rank, t.project != '') AS project,
            argMaxIf(t.branch, rank, t.branch != '') AS branch,
            argMaxIf(t.revision, rank, t.revision != '') AS revision
        FROM told AS t
        WHERE kind = 'turn'
        GROUP BY session_id, prompt_id
    ),
    known AS (
        SELECT
            session_id,
            toUnixTimestamp64Nano(min(s.started)) AS session_from,
            toUnixTimestamp64Nano(max(s.last)) AS session_to,
            arraySort(arrayMap(end -> toUnixTimestamp64Nano(end.1), groupUniqArrayArray(s.ends))) AS ends
        FROM ${database}.sessions_state AS s
        GROUP BY session_id
    ),
    between AS (
        WITH
            43200000000000 AS patience,
            arrayFirst(moment -> moment >= previous_end, ends) AS end_between,
            arrayFirst(moment -> moment >= turn_to, ends) AS end_after,
            if(
                is_its_own,
                turn_from,
                greatest(turn_from - 120000000000, if(previous_end > 0, least(previous_end, turn_from), least(session_from, turn_from)))
            ) AS human_from,
            arrayMin([human_from, previous_end + patience, if(end_between = 0, human_from, end_between)]) AS waited_to,
            if(end_after > 0, end_after, session_to) AS last_known,
            toUnixTimestamp64Nano(toDateTime64({since:Date}, 9, 'UTC')) AS window_from,
            toUnixTimestamp64Nano(toDateTime64({until:Date} + 1, 9, 'UTC')) AS window_to
        SELECT
            session_id, prompt_id, user, host, project, branch, revision, source,
            arrayJoin(arrayFilter(part -> part.4 > part.3, arrayMap(
                part -> (toUInt8(part.1), toUInt8(2), greatest(part.2, window_from), least(part.3, window_to), toInt64(1)), [
                    (2, human_from, turn_from),
                    (3, if(previous_end > 0, previous_end, waited_to), waited_to),
                    (3, turn_to, if(is_last AND NOT is_open, least(last_known, turn_to + patience), turn_to))
                ]))) AS part
        FROM (
            SELECT
                *,
                max(turn_to) OVER (PARTITION BY session_id ORDER BY turn_from, prompt_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_end,
                count() OVER (PARTITION BY session_id ORDER BY turn_from, prompt_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) = 0 AS is_last
            FROM turns
        ) AS t
        LEFT JOIN known USING (session_id)
    )
SELECT
    part.1 AS kind,
    part.2 AS reason,
    part.3 AS from_ns,
    part.4 AS to_ns,
    part.5 AS agents,
    user, host, project, branch, revision, session_id, prompt_id, source
FROM (
    SELECT session_id, prompt_id, part, user, host, project, branch, revision, source FROM within
    UNION ALL
    SELECT session_id, prompt_id, part, user, host, project, branch, revision, source FROM between
);

-- One row a stretch of time in which a person worked, agents worked (agents says how many), or something waited for a person.
CREATE VIEW IF NOT EXISTS ${database}.activity_between ${on_cluster}
AS SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    transform(p.reason, [1, 2, 3, 4], ['turn', 'prompt', 'permission', 'answer'], '') AS reason,
    toTimeZone(fromUnixTimestamp64Nano(from_ns), 'UTC') AS started,
    toTimeZone(fromUnixTimestamp64Nano(to_ns), 'UTC') AS ended,
    agents, user, host, project, branch, revision, session_id, prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name
FROM ${database}.activity_parts_between(since = {since:Date}, until = {until:Date}, user = '') AS p;

-- The same over all days.
CREATE VIEW IF NOT EXISTS ${database}.activity ${on_cluster}
AS SELECT * FROM ${database}.activity_between(since = '1970-01-02', until = '2149-06-05');

-- One row a maximal run of a person's work with no gap longer than idle_s. What counts is the person's and the agents' time; waiting keeps no
-- block alive. An interval counts to its end, nothing is added after it, and a moment without length counts nothing. duration_s is from start to
-- end with the small gaps, wall_s without them, agent_s adds agents that worked side by side.
CREATE VIEW IF NOT EXISTS ${database}.work_blocks_between ${on_cluster}
AS SELECT
    user,
    toTimeZone(fromUnixTimestamp64Nano(min(from_ns)), 'UTC') AS started,
    toTimeZone(fromUnixTimestamp64Nano(max(to_ns)), 'UTC') AS ended,
    (max(to_ns) - min(from_ns)) / 1e9 AS duration_s,
    sum(greatest(0, to_ns - greatest(from_ns, covered_to))) / 1e9 AS wall_s,
    sumIf(greatest(0, to_ns - greatest(from_ns, human_covered_to)), kind = 2) / 1e9 AS human_s,
    sumIf((to_ns - from_ns) * agents, kind = 1) / 1e9 AS agent_s,
    groupUniqArray(session_id) AS sessions,
    groupUniqArray(project) AS projects
FROM (
    SELECT
        user, kind, agents, session_id, project, from_ns, to_ns, covered_to, human_covered_to,
        sum(from_ns > covered_to + {idle_s:UInt32} * 1000000000) OVER (PARTITION BY user ORDER BY from_ns ROWS UNBOUNDED PRECEDING) AS block
    FROM (
        SELECT
            user, kind, agents, session_id, project, from_ns, to_ns,
            max(to_ns) OVER before AS covered_to,
            max(if(kind = 2, to_ns, 0)) OVER before AS human_covered_to
        FROM ${database}.activity_parts_between(since = {since:Date}, until = {until:Date}, user = '')
        WHERE kind < 3
        WINDOW before AS (PARTITION BY user ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
)
GROUP BY user, block;

-- The same over all days.
CREATE VIEW IF NOT EXISTS ${database}.work_blocks ${on_cluster}
AS SELECT * FROM ${database}.work_blocks_between(idle_s = {idle_s:UInt32}, since = '1970-01-02', until = '2149-06-05');
