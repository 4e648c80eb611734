-- What happened in a session besides its turns, requests and calls: subagents, compactions and waits, each as its best source tells it.
SELECT
    if(kind = 'compaction', 'compaction', kind) AS what,
    id,
    argMaxIf(a.prompt_id, rank, a.prompt_id != '') AS prompt_id,
    argMaxIf(a.agent_id, rank, a.agent_id != '') AS agent_id,
    argMaxIf(a.call_id, rank, a.call_id != '') AS call_id,
    argMaxIf(a.reason, rank, a.reason != '') AS reason,
    min(started_ns) AS from_ns,
    max(best).2 AS to_ns,
    max(best).3 AS outcome,
    max(best).4 AS evidence
FROM (
    SELECT
        *,
        toUnixTimestamp64Nano(s.started) AS started_ns,
        s.ending.1 * 8 + s.source AS rank,
        (s.ending.1, toUnixTimestamp64Nano(s.ending.3), s.ending.5, transform(s.ending.1, [3, 2, 1], ['observed', 'derived', 'inferred'], '')) AS best
    FROM activity_state AS s FINAL
    WHERE session_id = {session_id:String} AND day BETWEEN {since:Date} AND {until:Date} AND kind IN ('subagent', 'compaction', 'wait')
) AS a
GROUP BY kind, id
HAVING to_ns > 0 AND from_ns > 0 AND from_ns <= to_ns
ORDER BY from_ns
LIMIT {limit:UInt32}
