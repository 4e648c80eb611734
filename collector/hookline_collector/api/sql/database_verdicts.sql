-- What was the bottleneck of a database, and when?
SELECT
    database, verdict_id, class AS verdict_class, phase, 100 * share AS share_percent, started, last, ended, 100 * certainty AS certainty_percent,
    samples, culprit, culprit_kind, summary, next_step, excluded, statements AS statement_hashes
FROM db_verdicts_between(since = {first_day:Date}, until = {last_day:Date})
WHERE started < {until:DateTime('UTC')} AND last >= {since:DateTime('UTC')} AND ({database:String} = '' OR database = {database:String})
ORDER BY last DESC
LIMIT {limit:UInt32}
