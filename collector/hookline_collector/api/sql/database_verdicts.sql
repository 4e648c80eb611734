-- What was the bottleneck of a database, and when?
SELECT
    database, verdict_id, class AS verdict_class, phase, 100 * share AS share_percent, fromUnixTimestamp64Nano(since_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(until_ns, 'UTC') AS last, if(phase = 'end', last, NULL) AS ended, 100 * certainty AS certainty_percent,
    samples, culprit, culprit_kind, summary, next_step, excluded, statements AS statement_hashes
FROM db_verdicts_state FINAL
WHERE since_ns < 1000000000 * {until:Int64} AND until_ns >= 1000000000 * {since:Int64} AND ({database:String} = '' OR database = {database:String})
ORDER BY until_ns DESC
LIMIT {limit:UInt32}
