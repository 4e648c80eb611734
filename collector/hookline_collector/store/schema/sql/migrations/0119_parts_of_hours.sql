-- Samples of databases are worked out by the minute before their hour is over, some minutes at a time: up to which second of an hour. What was worked out
-- before this is whole hours.
ALTER TABLE ${database}.db_rollup_hours ${on_cluster} ADD COLUMN IF NOT EXISTS seconds UInt16 DEFAULT 3600 AFTER points;

-- As in 0077, up to the second that is worked out.
CREATE OR REPLACE VIEW ${database}.db_load ${on_cluster}
AS SELECT * EXCEPT version
FROM ${database}.db_load_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')}
  AND minute < (SELECT max(hour + seconds) FROM ${database}.db_rollup_hours WHERE what = 'samples')
UNION ALL
SELECT *
FROM ${database}.db_load_of_samples(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour + seconds) FROM ${database}.db_rollup_hours WHERE what = 'samples')),
    until = {until:DateTime('UTC')});

-- As in 0088, up to the second that is worked out.
CREATE OR REPLACE VIEW ${database}.db_classes ${on_cluster}
AS SELECT database, minute, wait_class, wait_event, seconds, samples
FROM ${database}.db_classes_1m FINAL
WHERE minute >= {since:DateTime('UTC')} AND minute < {until:DateTime('UTC')}
  AND minute < (SELECT max(hour + seconds) FROM ${database}.db_rollup_hours WHERE what = 'classes')
UNION ALL
SELECT database, minute, class, wait_event, total_s, samples
FROM ${database}.db_classes_of_samples(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour + seconds) FROM ${database}.db_rollup_hours WHERE what = 'classes')),
    until = {until:DateTime('UTC')});
