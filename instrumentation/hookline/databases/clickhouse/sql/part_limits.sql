-- Parts of a partition at which inserts are slowed and refused.
SELECT name, toUInt64(value) FROM system.merge_tree_settings WHERE name IN ('parts_to_delay_insert', 'parts_to_throw_insert')
