-- Who waited for whom in a database. Of records, for the views that fill the table.
WITH ${record_numbers}
SELECT
    ${database_name} AS database,
    toTimeZone(Timestamp, 'UTC') AS time,
    LogAttributes['hookline.db.lock.incident'] AS incident,
    LogAttributes['hookline.db.lock.phase'] AS phase,
    number('hookline.db.lock.root_pid') AS root_pid,
    number('hookline.db.lock.waiting') AS waiting,
    decimal('hookline.db.lock.longest_s') AS longest_s,
    number('hookline.db.lock.depth') AS depth,
    LogAttributes['hookline.db.lock.tree'] AS tree
