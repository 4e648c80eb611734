-- Who worked when, and what waited for whom? kind 1 agents, 2 a person (an estimate), 3 waiting; what goes on until now has no end. How the end of an
-- agent's stretch is known is how its turn's end is known, where it ends with it. What was worked out is kept by days: pieces that a midnight parts are
-- put together again. Nothing that begins after {latest} is told, so only what a midnight may have parted from what begins before it is looked at.
SELECT
    transform(p.kind, [1, 2, 3], ['agent', 'human', 'waiting'], '') AS kind,
    if(p.kind > 1, transform(p.reason, [2, 3, 4], ['prompt', 'permission', 'answer'], ''), '') AS waiting_for,
    p.user AS user,
    p.project AS project,
    p.branch AS branch,
    p.session_id AS session_id,
    p.prompt_id AS prompt_id,
    p.agents AS agents,
    fromUnixTimestamp64Nano(p.from_ns, 'UTC') AS started,
    if(p.to_ns >= {now:Int64}, NULL, fromUnixTimestamp64Nano(p.to_ns, 'UTC')) AS ended,
    multiIf(
        p.to_ns >= {now:Int64}, '',
        p.kind = 2, 'inferred',
        p.kind = 1 AND abs(p.to_ns - toUnixTimestamp64Nano(t.ended)) < 1000000, t.evidence,
        'observed') AS evidence
FROM (
    SELECT kind, reason, greatest(pieces.1, {start:Int64}) AS from_ns, least(pieces.2, {end:Int64}) AS to_ns, agents, user, project, branch, session_id,
        prompt_id
    FROM (
        SELECT kind, reason, agents, user, project, branch, session_id, prompt_id,
            arraySort(groupArray((from_ns, to_ns))) AS found,
            arrayFilter((piece, place) -> place = 1 OR piece.1 % 86400000000000 != 0 OR found[place - 1].2 != piece.1, found, arrayEnumerate(found)) AS begun,
            arrayFilter(
                (piece, place) -> place = length(found) OR piece.2 % 86400000000000 != 0 OR found[place + 1].1 != piece.2, found, arrayEnumerate(found)) AS ended
        FROM worked_parts_at(since = {since:Date}, until = {until:Date}, user = {user:String}, now = {now:Int64})
        WHERE kind < 4 AND (from_ns <= {latest:Int64} OR from_ns % 86400000000000 = 0) AND to_ns > {start:Int64} AND from_ns < {end:Int64} AND ({user:String} = '' OR user = {user:String})
          AND ({project:String} = '' OR project = {project:String}) AND ({session_id:String} = '' OR session_id = {session_id:String})
          AND ({agent:String} = '' OR agent = {agent:String})
        GROUP BY kind, reason, agents, user, project, branch, session_id, prompt_id
    )
    ARRAY JOIN arrayMap((first, last) -> (first.1, last.2), begun, ended) AS pieces
    ORDER BY from_ns, to_ns, session_id
    LIMIT {limit:UInt32}
) AS p
LEFT JOIN (
    SELECT session_id, prompt_id, ended, evidence FROM turns_between(since = {since:Date} - 1, until = {latest_day:Date} + 1)
) AS t ON t.session_id = p.session_id AND t.prompt_id = p.prompt_id
ORDER BY p.from_ns, p.to_ns, p.session_id
