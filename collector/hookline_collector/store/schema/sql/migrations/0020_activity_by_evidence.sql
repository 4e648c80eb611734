-- Who was active when, worked out from the intervals of 0012 when it is asked for. The rules and their limits stand in docs/work-time.md.
--
-- Within a prompt, `agents` says how many agents work at a moment: the main one while its turn runs and it has not handed over to a subagent, each
-- subagent, less those that wait for a person. What goes on within a prompt is told by its best source; each end in it by the best evidence: what
-- another source saw of the same call, subagent or wait corrects a guess, and what is not observed does not outlast the turn. A wait that only
-- another source saw counts too. Of a wait for a permission or an answer at most the last 30 s are the person's work (reading and deciding), the
-- rest is waiting.
--
-- Between turns, a person wrote or read for at most 120 s before a prompt (kind 2); not before the session's start, resume or last end, and not before
-- the end of its last turn. kind 4 is what they did at the very most: since that moment; who asks caps it by the idle gap before act_ns, the moment at
-- which they did something (a prompt, an answer). Nobody sits at a script (`claude -p`), and nobody typed a turn that the client began itself.
-- What lies between is waiting for the prompt, up to the session's end and to 12 h. After the last turn it waits until the session's end, else
-- until the last that was heard of it.
--
-- A turn without an end goes on until `now`, but not past the session's end or its process's, not past its last sign of life when nothing was heard
-- of the session for an hour, and not past that sign when the session has a later turn; if that sign was a question, it waits.
--
-- The time in which the machine slept belongs to nobody. Parts are cut where the place changes: project, branch and revision are one value.
--
-- Rows are cut at the window, so any range of days adds up from its own rows. A row of the state that a span left on a later day than its start is
-- not read: the one of its first day holds the best of all copies, so reading begins with the first day of what touches the window. An edge is one
-- number: nanoseconds since the prompt's first moment, then 4 bits that say what begins (0 turn, 1 hand-over, 2 subagent, 3 wait, 4 a subagent's
-- wait) or ends (8 more). Five counters of 12 bits run in one sum. kind is 1 agent, 2 human, 3 waiting, 4 human at most; reason is 1 turn,
-- 2 prompt, 3 permission, 4 answer. `user` narrows what is read to the sessions of one person; empty reads all (only keys may be filtered before
-- FINAL merges). One statement, because a view within a view costs planning.
CREATE OR REPLACE VIEW ${database}.activity_parts_at ${on_cluster}
AS WITH
    (
        SELECT toDate(toUInt16(greatest(
            0, toInt32({since:Date}) - 34, least(toInt32({since:Date}) - 1, coalesce(minOrNull(toInt32(toDate(a.started))), 65535)))))
        FROM ${database}.activity_state AS a
        WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1
    ) AS read_from,
    told AS (
        SELECT
            session_id,
            multiIf(s.prompt_id != '', s.prompt_id, linked_prompt != '', linked_prompt, kind = 'turn', concat('span:', id), '') AS prompt_id,
            kind, source, reason, user, host, is_script,
            toUnixTimestamp64Nano(started) AS began,
            began < 7226582400000000000 AS has_begun,
            identity(s.ending) AS ending,
            toUnixTimestamp64Nano(ending.3) AS over,
            identity(s.seen) AS seen,
            identity(s.place) AS place,
            if(kind = 'turn', 0, if(call_id = '', if(kind = 'subagent' AND agent_id != '', sipHash64(agent_id), 0), sipHash64(call_id))) AS key,
            (ending.1 * 8 + ending.2) * 288230376151711744 + bitShiftRight(over, 4) AS rank,
            multiIf(kind IN ('turn', 'compaction'), 0, kind = 'handover', 1, kind = 'subagent', 2, agent_id = '', 3, 4) AS what
        FROM ${database}.activity_state AS s FINAL
        PREWHERE day BETWEEN read_from AND {until:Date} + 1
            AND ({user:String} = '' OR session_id IN (
                SELECT session_id FROM ${database}.sessions_state AS of_user WHERE of_user.user.4 = {user:String}))
        WHERE ended > 0
          AND reason != 'command'
          AND (kind = 'turn' OR has_begun = 0 OR day = toDate(started))
          AND (source != 2 OR s.prompt_id != '' OR linked_prompt != '' OR session_id NOT IN (
              SELECT session_id
              FROM ${database}.activity_state
              WHERE source = 3 AND kind = 'turn' AND day BETWEEN {since:Date} - 1 AND {until:Date} + 1))
          AND (s.session_id, s.prompt_id) NOT IN (
              SELECT session_id, prompt_id FROM ${database}.copied_prompts_between(since = {since:Date}, until = {until:Date}))
    ),
    sleeps AS (
        SELECT session_id, arraySort(groupArray((slept_from, woke_at))) AS sleeps
        FROM (
            SELECT
                session_id,
                greatest(slept_ns, max(woke_ns) OVER (PARTITION BY session_id ORDER BY slept_ns, woke_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
                    AS slept_from,
                woke_ns AS woke_at
            FROM (
                SELECT DISTINCT session_id, toUnixTimestamp64Nano(p.slept) AS slept_ns, toUnixTimestamp64Nano(p.woke) AS woke_ns
                FROM ${database}.suspends_state AS p FINAL
                WHERE day BETWEEN read_from AND {until:Date} + 1
            )
        )
        WHERE woke_at > slept_from
        GROUP BY session_id
    ),
    moves AS (
        WITH
            arraySort(groupArrayArray(arrayMap(at -> (toUnixTimestamp64Nano(at), p.project, p.branch, p.revision), p.times))) AS sightings,
            arrayFilter(
                (sighting, before) -> (sighting.2, sighting.3, sighting.4) != (before.2, before.3, before.4),
                sightings, arrayPushFront(arrayPopBack(sightings), (toInt64(0), '', '', ''))) AS changes
        SELECT
            session_id,
            prompt_id,
            arrayMap(
                (change, next, n) -> (if(n = 1, toInt64(0), change.1), if(next.1 = 0, toInt64(9223372036854775807), next.1), (change.2, change.3, change.4)),
                changes, arrayPushBack(arrayPopFront(changes), (toInt64(0), '', '', '')), arrayEnumerate(changes)) AS moves
        FROM ${database}.places_state AS p
        WHERE day BETWEEN read_from AND {until:Date} + 1
        GROUP BY session_id, prompt_id
        HAVING uniqExact(p.project, p.branch, p.revision) > 1
    ),
    prompts AS (
        WITH
            (
                source,
                what,
                key,
                if(has_begun, began, 0),
                over,
                rank,
                toUInt8(if(reason = 'answer', 4, 3)),
                toUInt8(ending.6 NOT IN ('session_end', 'process_gone', 'timed_out'))
            ) AS item
        SELECT
            session_id,
            prompt_id,
            max(t.source) AS best,
            minIf(t.began, has_begun) AS base,
            argMinIf(
                t.began,
                (3 - t.source) * 1152921504606846976 + (1 - t.ending.4) * 576460752303423488 + bitShiftRight(t.began, 3),
                kind = 'turn' AND has_begun) AS turn_from,
            maxIf(t.rank, kind = 'turn') AS turn_rank,
            argMaxIf(t.over, t.rank, kind = 'turn') AS turn_over,
            if(turn_rank < 4611686018427387904, greatest(turn_over, maxIf(toUnixTimestamp64Nano(t.seen.1), kind = 'turn')), turn_over) AS turn_to,
            groupArrayIf(item, kind != 'turn' AND over >= began) AS all_items,
            arrayFilter(each -> each.1 = best, all_items) AS own,
            arrayConcat(arrayFilter(each -> each.1 != best, all_items), groupArrayIf(item, kind != 'turn' AND NOT has_begun)) AS others,
            minIf(t.rank, kind != 'turn' AND has_begun) AS weakest,
            max(t.is_script) AS is_script,
            argMax(t.user, if(t.user = '', 0, t.source * 2 + (kind = 'turn'))) AS user,
            argMax(t.host, if(t.host = '', 0, t.source * 2 + (kind = 'turn'))) AS host,
            argMax(t.place, (t.source, t.place.1)) AS place
        FROM told AS t
        GROUP BY session_id, prompt_id
    ),
    within AS (
        WITH
            [1, 4096, 16777216, 68719476736, 281474976710656, 0, 0, 0, -1, -4096, -16777216, -68719476736, -281474976710656] AS weights,
            toUnixTimestamp64Nano(toDateTime64({since:Date}, 9, 'UTC')) AS window_from,
            toUnixTimestamp64Nano(toDateTime64({until:Date} + 1, 9, 'UTC')) AS window_to,
            arrayMap(
                sum -> toInt64(greatest(
                    0,
                    greatest(
                        bitAnd(sum, 4095) > 0,
                        bitAnd(bitShiftRight(sum, 24), 4095) + (bitAnd(sum, 4095) > 0 AND bitAnd(bitShiftRight(sum, 12), 4095) = 0))
                    - (bitAnd(bitShiftRight(sum, 36), 4095) > 0) - bitShiftRight(sum, 48))),
                arrayCumSum(arrayMap(edge -> weights[bitAnd(edge, 15) + 1], edges))) AS counts,
            arrayMap((n, before) -> n != before, counts, arrayResize(arrayPushFront(counts, 0), length(counts))) AS is_change,
            arrayFilter((edge, keep) -> keep, edges, is_change) AS changes,
            arrayFilter((n, keep) -> keep, counts, is_change) AS agents,
            arrayMap(
                (edge, next, n) ->
                    (toUInt8(1), toUInt8(1), base + toInt64(bitShiftRight(edge, 4)), base + toInt64(bitShiftRight(next, 4)), n, toInt64(0)),
                arrayPopBack(changes), arrayPopFront(changes), arrayPopBack(agents)) AS slices
        SELECT
            session_id, prompt_id, user, host, place,
            best AS source,
            arrayFilter(
                part -> part.4 > part.3 AND part.5 > 0,
                arrayMap(
                    part -> (part.1, part.2, greatest(part.3, window_from), least(part.4, window_to), part.5, part.6),
                    arrayConcat(
                        slices,
                        arrayMap(wait -> (toUInt8(3), wait.1, wait.2, wait.3, toInt64(1), toInt64(0)), waits),
                        arrayMap(wait -> (toUInt8(2), wait.1, wait.3, wait.4, toInt64(1), wait.4), waits),
                        arrayMap(wait -> (toUInt8(4), wait.1, if(wait.5 = 1, wait.2, wait.4), wait.4, toInt64(1), wait.4), waits)))) AS parts
        FROM (
            SELECT
                session_id, prompt_id, user, host, place, best, base,
                arrayMap(
                    wait -> (
                        wait.7,
                        wait.4,
                        if(wait.8 = 1 AND is_script = 0, greatest(wait.4, wait.5 - 30000000000), wait.5),
                        wait.5,
                        toUInt8(wait.8 = 1 AND is_script = 0)),
                    arrayFilter(item -> item.2 > 2, items)) AS waits,
                arraySort(arrayConcat(
                    if(has_turn, [bitShiftLeft(toUInt64(turn_from - base), 4), bitOr(bitShiftLeft(toUInt64(turn_to - base), 4), 8)], []),
                    arrayMap(item -> bitOr(bitShiftLeft(toUInt64(item.4 - base), 4), item.2), items),
                    arrayMap(item -> bitOr(bitShiftLeft(toUInt64(item.5 - base), 4), item.2 + 8), items))) AS edges
            FROM (
                SELECT
                    session_id, prompt_id, user, host, place, best, base, turn_from, turn_to, has_turn, is_script,
                    arrayConcat(
                        if(is_plain, own, []),
                        arrayMap(
                            (item, truth) -> (
                                item.1, item.2, item.3, item.4,
                                if(
                                    has_turn AND item.2 IN (1, 3) AND truth.1 < turn_rank AND turn_rank >= 6917529027641081856 AND truth.2 > turn_to,
                                    greatest(item.4, turn_to),
                                    truth.2),
                                truth.1, item.7, if(truth.1 > item.6, truth.3, item.8)),
                            if(is_plain, [], own),
                            arrayMap(
                                item -> arrayReduce('max', arrayMap(
                                    other -> (other.6, other.5, other.8),
                                    arrayPushFront(
                                        arrayFilter(
                                            other -> other.6 > item.6 AND other.5 >= item.4 AND if(
                                                item.3 != 0 AND other.3 != 0,
                                                item.3 = other.3 AND (item.2 > 2) = (other.2 > 2),
                                                item.2 > 2 AND other.2 > 2 AND other.4 > 0
                                                    AND other.4 <= item.5 + 2000000000 AND other.5 >= item.4),
                                            others),
                                        item))),
                                if(is_plain, [], own))),
                        arrayFilter(
                            other -> other.2 > 2 AND other.4 > 0 AND other.5 > other.4 AND NOT arrayExists(
                                item -> item.2 > 2 AND ((item.3 = other.3 AND item.3 != 0) OR (item.4 < other.5 AND item.5 > other.4)),
                                own),
                            if(best = 3, others, []))) AS items
                FROM (
                    SELECT
                        *,
                        turn_from > 0 AND turn_to > turn_from AS has_turn,
                        weakest >= 6917529027641081856 OR (empty(others) AND (NOT has_turn OR weakest >= turn_rank)) AS is_plain
                    FROM prompts
                    WHERE base < window_to
                )
            )
        )
    ),
    turns AS (
        SELECT
            session_id, prompt_id, source, turn_from, is_open, asks, is_its_own, is_queued, is_script, user, host, place,
            greatest(turn_from, toUnixTimestamp64Nano(told_end.3), if(told_end.1 < 2 OR is_open, toUnixTimestamp64Nano(last_seen.1), 0)) AS turn_to
        FROM (
            SELECT
                *,
                source = 3 AND (
                    (told_end.1 < 3 AND hook_evidence = 0)
                    OR (told_end.1 > 0 AND told_end.2 != 4 AND told_end.4 = 0 AND hook_seen > told_end.3)) AS is_open,
                last_seen.2 AS asks
            FROM (
                SELECT
                    session_id,
                    prompt_id,
                    max(t.source) AS source,
                    argMinIf(
                        t.began,
                        (3 - t.source) * 1152921504606846976 + (1 - t.ending.4) * 576460752303423488 + bitShiftRight(t.began, 3),
                        has_begun) AS turn_from,
                    argMax(t.ending, t.rank) AS told_end,
                    maxIf(t.ending.1, t.source = 3) AS hook_evidence,
                    maxIf(t.seen.1, t.source = 3) AS hook_seen,
                    max(t.seen) AS last_seen,
                    max(t.reason = 'task_notification') AS is_its_own,
                    max(t.reason = 'queued') AS is_queued,
                    max(t.is_script) AS is_script,
                    argMax(t.user, if(t.user = '', 0, t.source)) AS user,
                    argMax(t.host, if(t.host = '', 0, t.source)) AS host,
                    argMax(t.place, (t.source, t.place.1)) AS place
                FROM told AS t
                WHERE kind = 'turn'
                GROUP BY session_id, prompt_id
                HAVING turn_from > 0
            )
        )
    ),
    known AS (
        SELECT
            session_id,
            toUnixTimestamp64Nano(min(s.started)) AS session_from,
            toUnixTimestamp64Nano(max(s.last)) AS session_to,
            arraySort(arrayMap(end -> toUnixTimestamp64Nano(end.1), groupUniqArrayArray(s.ends))) AS ends,
            arraySort(arrayMap(
                end -> toUnixTimestamp64Nano(end.1), arrayFilter(end -> end.2 != 'timed_out', groupUniqArrayArray(s.ends)))) AS sure_ends,
            arraySort(arrayMap(start -> toUnixTimestamp64Nano(start), groupUniqArrayArray(s.starts))) AS starts
        FROM ${database}.sessions_state AS s
        GROUP BY session_id
    ),
    between AS (
        WITH
            43200000000000 AS patience,
            if(is_nobodys, turn_from, greatest(turn_from - 120000000000, back_from)) AS human_from,
            arrayMin([human_from, previous_end + patience, if(end_between = 0, human_from, end_between)]) AS waited_to,
            if(end_after > 0, end_after, session_to) AS last_known,
            if(
                is_open AND is_last AND NOT (is_queued AND previous_end > 0),
                greatest(turn_to, multiIf(
                    sure_end_after > 0, least(sure_end_after, {now:Int64}),
                    {now:Int64} - session_to <= 3600000000000, {now:Int64},
                    turn_to)),
                turn_to) AS open_to,
            toUnixTimestamp64Nano(toDateTime64({since:Date}, 9, 'UTC')) AS window_from,
            toUnixTimestamp64Nano(toDateTime64({until:Date} + 1, 9, 'UTC')) AS window_to
        SELECT
            session_id, prompt_id, user, host, place, source,
            arrayFilter(part -> part.4 > part.3, arrayMap(
                part -> (toUInt8(part.1), toUInt8(part.2), greatest(part.3, window_from), least(part.4, window_to), toInt64(1), toInt64(part.5)), [
                    (2, 2, human_from, turn_from, turn_from),
                    (4, 2, if(is_nobodys, turn_from, back_from), turn_from, turn_from),
                    (3, 2, if(previous_end > 0 AND is_script = 0, previous_end, waited_to), waited_to, 0),
                    (if(asks > 0, 3, 1), if(asks > 0, asks, 1), turn_to, open_to, 0),
                    (3, 2, turn_to, if(is_last AND NOT is_open AND is_script = 0, least(last_known, turn_to + patience), turn_to), 0)
                ])) AS parts
        FROM (
            SELECT
                *,
                is_its_own OR is_script = 1 AS is_nobodys,
                least(turn_from, arrayMax([
                    if(previous_end > 0, previous_end, session_from),
                    arrayLast(moment -> moment <= turn_from, starts),
                    arrayLast(moment -> moment >= previous_end AND moment <= turn_from, if(previous_end > 0, ends, []))])) AS back_from,
                arrayFirst(moment -> moment >= previous_end, ends) AS end_between,
                arrayFirst(moment -> moment >= turn_to, ends) AS end_after,
                arrayFirst(moment -> moment >= turn_to, sure_ends) AS sure_end_after
            FROM (
                SELECT
                    *,
                    max(turn_to) OVER (
                        PARTITION BY session_id ORDER BY turn_from, prompt_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_end,
                    countIf(NOT (is_queued AND is_open)) OVER (
                        PARTITION BY session_id ORDER BY turn_from, prompt_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) = 0 AS is_last
                FROM turns
            ) AS t
            LEFT JOIN known USING (session_id)
        )
    )
SELECT
    piece.1 AS kind,
    piece.2 AS reason,
    piece.3 AS from_ns,
    piece.4 AS to_ns,
    piece.5 AS agents,
    user,
    host,
    if(piece.7 = 0, place.2, moves[piece.7].3.1) AS project,
    if(piece.7 = 0, place.3, moves[piece.7].3.2) AS branch,
    if(piece.7 = 0, place.4, moves[piece.7].3.3) AS revision,
    session_id,
    prompt_id,
    source,
    piece.6 AS act_ns
FROM (
    SELECT
        session_id, prompt_id, user, host, place, source, moves,
        arrayJoin(arrayConcat(
            arrayMap(part -> (part.1, part.2, part.3, part.4, part.5, part.6, toUInt32(0)), if(is_cut, [], parts)),
            arrayFilter(piece -> piece.4 > piece.3, arrayFlatten(arrayMap(
                part -> arrayMap(
                    spell -> (part.1, part.2, greatest(part.3, spell.1), least(part.4, spell.2), part.5, part.6, spell.3),
                    spells),
                if(is_cut, parts, [])))))) AS piece
    FROM (
        SELECT
            *,
            arrayFlatten(arrayMap(
                stay -> arrayMap(spell -> (greatest(stay.1, spell.1), least(stay.2, spell.2), stay.3), awake),
                if(is_cut, if(empty(moves), [(toInt64(0), toInt64(9223372036854775807), toUInt32(0))],
                    arrayMap((move, n) -> (move.1, move.2, toUInt32(n)), moves, arrayEnumerate(moves))), []))) AS spells
        FROM (
            SELECT
                *,
                notEmpty(sleeps) OR notEmpty(moves) AS is_cut,
                arrayMap(
                    (slept, woke) -> (woke, slept),
                    arrayPushBack(sleeps.1, toInt64(9223372036854775807)), arrayPushFront(sleeps.2, toInt64(0))) AS awake
            FROM (
                SELECT session_id, prompt_id, parts, user, host, place, source FROM within WHERE notEmpty(parts)
                UNION ALL
                SELECT session_id, prompt_id, parts, user, host, place, source FROM between WHERE notEmpty(parts)
            ) AS p
            LEFT JOIN sleeps AS z USING (session_id)
            LEFT JOIN moves AS m USING (session_id, prompt_id)
        )
    )
);

-- The same with what goes on counted to this moment, without what a person did at the very most.
CREATE OR REPLACE VIEW ${database}.activity_parts_between ${on_cluster}
AS SELECT * EXCEPT (act_ns)
FROM ${database}.activity_parts_at(since = {since:Date}, until = {until:Date}, user = {user:String}, now = toUnixTimestamp64Nano(now64(9)))
WHERE kind < 4;

-- One row a stretch of time in which a person worked, agents worked (agents says how many), or something waited for a person.
CREATE OR REPLACE VIEW ${database}.activity_between ${on_cluster}
AS SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    transform(p.reason, [1, 2, 3, 4], ['turn', 'prompt', 'permission', 'answer'], '') AS reason,
    toTimeZone(fromUnixTimestamp64Nano(from_ns), 'UTC') AS started,
    toTimeZone(fromUnixTimestamp64Nano(to_ns), 'UTC') AS ended,
    agents, user, host, project, branch, revision, session_id, prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name
FROM ${database}.activity_parts_at(since = {since:Date}, until = {until:Date}, user = '', now = toUnixTimestamp64Nano(now64(9))) AS p
WHERE p.kind < 4;

-- The same over all days. Written out, as each view within a view doubles what planning costs.
CREATE OR REPLACE VIEW ${database}.activity ${on_cluster}
AS SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    transform(p.reason, [1, 2, 3, 4], ['turn', 'prompt', 'permission', 'answer'], '') AS reason,
    toTimeZone(fromUnixTimestamp64Nano(from_ns), 'UTC') AS started,
    toTimeZone(fromUnixTimestamp64Nano(to_ns), 'UTC') AS ended,
    agents, user, host, project, branch, revision, session_id, prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name
FROM ${database}.activity_parts_at(since = '1970-01-02', until = '2149-06-05', user = '', now = toUnixTimestamp64Nano(now64(9))) AS p
WHERE p.kind < 4;

-- One row a maximal run of a person's work with no gap longer than idle_s, as in 0016.
CREATE OR REPLACE VIEW ${database}.work_blocks_between ${on_cluster}
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
        FROM ${database}.activity_parts_at(since = {since:Date}, until = {until:Date}, user = '', now = toUnixTimestamp64Nano(now64(9)))
        WHERE kind < 3
        WINDOW before AS (PARTITION BY user ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
)
GROUP BY user, block;

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.work_blocks ${on_cluster}
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
        FROM ${database}.activity_parts_at(since = '1970-01-02', until = '2149-06-05', user = '', now = toUnixTimestamp64Nano(now64(9)))
        WHERE kind < 3
        WINDOW before AS (PARTITION BY user ORDER BY from_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
)
GROUP BY user, block;
