-- An hour of tables and indexes.
INSERT INTO db_relations_1h
    (database, hour, namespace, schema_name, relation, index_name, seconds, size_bytes, live_rows, dead_rows, vacuum_trigger, seq_scans,
     seq_rows, index_scans, inserted, updated, deleted, hot_updated, blocks_read, blocks_hit, xid_age, free_share, parts, vacuumed)
SELECT *
FROM db_relation_hours_told(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
