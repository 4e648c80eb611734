-- How much memory the server may use; 0 is a share of the machine's that it does not tell.
SELECT toUInt64(value) FROM system.server_settings WHERE name = 'max_server_memory_usage'
