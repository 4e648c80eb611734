-- Who was active when, worked out from the intervals of 0012 when it is asked for. The rules and their limits stand in docs/work-time.md.
--
-- Within a prompt, the last number of an agent's part is how many agents work at a moment: the main one while its turn runs and it has not handed
-- over to a subagent, each subagent, less those that wait for a person. Of a wait for a permission or an answer at most the last 30 s are the
-- person's work (reading and deciding), the rest is waiting. Where several sources tell of a prompt, the best one speaks alone.
-- Rows are cut at midnight UTC, so that any range of days can be added up from its own rows.
CREATE VIEW IF NOT EXISTS ${database}.activity_in_prompts_between ${on_cluster}
AS WITH
    arrayFilter(item -> item.rank = best OR (item.what > 1 AND item.rank.1 = best.1), items) AS own,
    arraySort(arrayConcat(
        arrayMap(item -> (item.from, item.what, 1), own),
        arrayMap(item -> (item.to, item.what, -1), own))) AS edges,
    what -> arrayCumSum(arrayMap(edge -> if(edge.2 = what, edge.3, 0), edges)) AS running,
    arrayMap(
        (turns, handovers, subagents, waits, subagent_waits) ->
            toInt64(greatest(0, greatest(turns > 0, subagents + (turns > 0 AND handovers = 0)) - (waits > 0) - subagent_waits)),
        running(1), running(2), running(3), running(4), running(5)) AS agents,
    if(
        has_turns_only,
        [(arrayMin(arrayMap(item -> item.from, own)), arrayMax(arrayMap(item -> item.to, own)), toInt64(1))],
        arrayMap(
            (edge, next, n) -> (edge.1, next.1, n),
            arrayPopBack(edges), arrayPopFront(edges), arrayPopBack(agents))) AS slices,
    arrayFilter(item -> item.what > 3, own) AS waits,
    arrayFilter(part -> part.3 > part.2, arrayConcat(
        arrayMap(slice -> ('agent', slice.1, slice.2, 'turn', slice.3), arrayFilter(slice -> slice.3 > 0, slices)),
        arrayMap(item -> ('waiting', item.from, least(item.to, item.answer_from), item.reason, toInt64(1)), waits),
        arrayMap(item -> ('human', greatest(item.from, item.answer_from), item.to, item.reason, toInt64(1)), waits))) AS parts
SELECT session_id, prompt_id, arrayJoin(parts) AS part, user, host, project, branch, revision, best.1 AS source
FROM (
    WITH
        toUnixTimestamp64Nano(toDateTime64(day, 9, 'UTC')) AS day_from,
        day_from + 86400000000000 AS day_to,
        r.kind IN ('turn', 'compaction') AS is_turn,
        (r.source, if(is_turn, r.is_span, 0)) AS rank,
        (r.kind = 'turn', r.source, r.is_span, r.ended, r.id) AS order_of_tellers,
        toUnixTimestamp64Nano(r.started) AS began,
        toUnixTimestamp64Nano(r.ended) AS over,
        r.last.closed_by NOT IN ('session_end', 'process_gone', 'timed_out') AS is_answered
    SELECT
        day,
        session_id,
        prompt_id,
        max(rank) AS best,
        max(NOT is_turn) = 0 AS has_turns_only,
        argMax(r.user, order_of_tellers) AS user,
        argMax(r.host, order_of_tellers) AS host,
        argMax(r.project, order_of_tellers) AS project,
        argMax(r.branch, order_of_tellers) AS branch,
        argMax(r.revision, order_of_tellers) AS revision,
        groupArray(CAST(
            (
                rank,
                multiIf(is_turn, 1, r.kind = 'handover', 2, r.kind = 'subagent', 3, r.agent_id = '', 4, 5),
                least(greatest(began, day_from), day_to),
                least(greatest(over, day_from), day_to),
                if(is_answered, greatest(began, over - 30000000000), over),
                if(r.reason = '', 'permission', r.reason)
            ),
            'Tuple(rank Tuple(UInt8, UInt8), what UInt8, from Int64, to Int64, answer_from Int64, reason String)')) AS items
    FROM ${database}.activity_rows_between(since = {since:Date}, until = {until:Date}) AS r
    GROUP BY day, session_id, prompt_id
);

-- What lies between turns. A person wrote or read for at most 120 s before a prompt, not before the session or the end of its last turn; what
-- lies between that and the last turn is waiting for the prompt, up to the session's end and to 12 h. After the last turn it waits until the
-- session's end, else until the last that was heard of it.
CREATE VIEW IF NOT EXISTS ${database}.activity_of_prompts_between ${on_cluster}
AS WITH
    ns -> toUnixTimestamp64Nano(ns) AS ns_of,
    43200000000000 AS patience,
    arrayFirst(candidate -> candidate >= previous_end, arraySort(arrayMap(candidate -> ns_of(candidate.1), ends))) AS end_between,
    arrayFirst(candidate -> candidate >= turn_to, arraySort(arrayMap(candidate -> ns_of(candidate.1), ends))) AS end_after,
    greatest(turn_from - 120000000000, if(previous_end > 0, least(previous_end, turn_from), least(ns_of(session_started), turn_from))) AS human_from,
    arrayMin([human_from, previous_end + patience, if(end_between = 0, human_from, end_between)]) AS waited_to,
    if(end_after > 0, end_after, ns_of(session_last)) AS last_known,
    toUnixTimestamp64Nano(toDateTime64({since:Date}, 9, 'UTC')) AS window_from,
    toUnixTimestamp64Nano(toDateTime64({until:Date} + 1, 9, 'UTC')) AS window_to,
    arrayFilter(part -> part.3 > part.2, arrayMap(
        part -> (part.1, greatest(part.2, window_from), least(part.3, window_to), 'prompt', toInt64(1)), [
            ('human', human_from, turn_from),
            ('waiting', if(previous_end > 0, previous_end, waited_to), waited_to),
            ('waiting', turn_to, if(is_last AND NOT is_open, least(last_known, turn_to + patience), turn_to))
        ])) AS parts
SELECT session_id, prompt_id, arrayJoin(parts) AS part, user, host, project, branch, revision, source
FROM (
    SELECT
        session_id, prompt_id, user, host, project, branch, revision, is_open,
        transform(source_name, ['hook', 'native', 'transcript'], [3, 2, 1], 0) AS source,
        toUnixTimestamp64Nano(t.started) AS turn_from,
        toUnixTimestamp64Nano(t.ended) AS turn_to,
        max(turn_to) OVER (PARTITION BY session_id ORDER BY turn_from, prompt_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_end,
        row_number() OVER (PARTITION BY session_id ORDER BY turn_from DESC, prompt_id DESC) = 1 AS is_last
    FROM ${database}.turns_between(since = {since:Date} - 1, until = {until:Date} + 1) AS t
) AS turns
LEFT JOIN (
    SELECT session_id, min(s.started) AS session_started, max(s.last) AS session_last, groupUniqArrayArray(s.ends) AS ends
    FROM ${database}.sessions_state AS s
    GROUP BY session_id
) AS known USING (session_id);

-- One row a stretch of time in which a person worked, agents worked (agents says how many), or something waited for a person.
CREATE VIEW IF NOT EXISTS ${database}.activity_between ${on_cluster}
AS SELECT
    part.1 AS kind,
    part.4 AS reason,
    toTimeZone(fromUnixTimestamp64Nano(part.2), 'UTC') AS started,
    toTimeZone(fromUnixTimestamp64Nano(part.3), 'UTC') AS ended,
    part.5 AS agents,
    user,
    host,
    project,
    branch,
    revision,
    session_id,
    prompt_id,
    transform(source, [3, 2, 1], ['hook', 'native', 'transcript'], '') AS source_name
FROM (
    SELECT session_id, prompt_id, part, user, host, project, branch, revision, source
    FROM ${database}.activity_in_prompts_between(since = {since:Date}, until = {until:Date})
    UNION ALL
    SELECT session_id, prompt_id, part, user, host, project, branch, revision, source
    FROM ${database}.activity_of_prompts_between(since = {since:Date}, until = {until:Date})
);

-- The same over all days.
CREATE VIEW IF NOT EXISTS ${database}.activity ${on_cluster}
AS SELECT * FROM ${database}.activity_between(since = '1970-01-02', until = '2149-06-05');

-- One row a maximal run of a person's work with no gap longer than idle_s. What counts is the person's and the agents' time; waiting keeps no
-- block alive. An interval counts to its end, nothing is added after it, and a moment without length counts nothing. duration_s is from start to
-- end with the small gaps, wall_s without them, agent_s adds agents that worked side by side.
CREATE VIEW IF NOT EXISTS ${database}.work_blocks_between ${on_cluster}
AS SELECT
    user,
    min(b.started) AS started,
    max(b.ended) AS ended,
    (toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) / 1e9 AS duration_s,
    sum(new_ns) / 1e9 AS wall_s,
    sum(if(kind = 'human', new_human_ns, 0)) / 1e9 AS human_s,
    sumIf(ns_to - ns_from, kind = 'agent') / 1e9 AS agent_once_s,
    sumIf((ns_to - ns_from) * agents, kind = 'agent') / 1e9 AS agent_s,
    groupUniqArray(session_id) AS sessions,
    groupUniqArray(project) AS projects
FROM (
    SELECT
        *,
        sum(is_new) OVER (PARTITION BY user ORDER BY ns_from, ns_to, session_id, kind ROWS UNBOUNDED PRECEDING) AS block,
        greatest(0, ns_to - greatest(ns_from, covered_to)) AS new_ns,
        greatest(0, ns_to - greatest(ns_from, human_covered_to)) AS new_human_ns
    FROM (
        SELECT
            user, kind, agents, session_id, project, a.started AS started, a.ended AS ended,
            toUnixTimestamp64Nano(a.started) AS ns_from,
            toUnixTimestamp64Nano(a.ended) AS ns_to,
            max(ns_to) OVER before AS covered_to,
            max(if(kind = 'human', ns_to, 0)) OVER before AS human_covered_to,
            ns_from > covered_to + {idle_s:UInt32} * 1000000000 AS is_new
        FROM ${database}.activity_between(since = {since:Date}, until = {until:Date}) AS a
        WHERE kind != 'waiting'
        WINDOW before AS (PARTITION BY user ORDER BY ns_from, ns_to, session_id, kind ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
) AS b
GROUP BY user, block;

-- The same over all days.
CREATE VIEW IF NOT EXISTS ${database}.work_blocks ${on_cluster}
AS SELECT * FROM ${database}.work_blocks_between(idle_s = {idle_s:UInt32}, since = '1970-01-02', until = '2149-06-05');
