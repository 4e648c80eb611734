-- What held a database up. Of records, for the views that fill the table.
WITH ${record_numbers}
SELECT
    ${database_name} AS database,
    LogAttributes['hookline.db.verdict.id'] AS verdict_id,
    toUnixTimestamp64Nano(Timestamp) AS told_ns,
    LogAttributes['hookline.db.verdict.phase'] AS phase,
    LogAttributes['hookline.db.verdict.class'] AS class,
    decimal('hookline.db.verdict.share') AS share,
    decimal('hookline.db.verdict.share_low') AS share_low,
    decimal('hookline.db.verdict.share_high') AS share_high,
    if(number('hookline.db.verdict.since') <= 0, told_ns, least(number('hookline.db.verdict.since'), 4102444800000000000)) AS since_ns,
    if(number('hookline.db.verdict.until') <= 0, told_ns, least(number('hookline.db.verdict.until'), 4102444800000000000)) AS until_ns,
    decimal('hookline.db.verdict.certainty') AS certainty,
    number('hookline.db.verdict.samples') AS samples,
    LogAttributes['hookline.db.verdict.culprit'] AS culprit,
    LogAttributes['hookline.db.verdict.culprit.kind'] AS culprit_kind,
    LogAttributes['hookline.db.verdict.text'] AS summary,
    LogAttributes['hookline.db.verdict.next_step'] AS next_step,
    LogAttributes['hookline.db.verdict.excluded'] AS excluded,
    LogAttributes['hookline.db.verdict.statements'] AS statements
