-- Queries that run, without the agent's own.
SELECT query_id, user, toString(address), client_name, current_database, elapsed, query, toUInt64(memory_usage),
       ProfileEvents['RealTimeMicroseconds'], ProfileEvents['OSCPUVirtualTimeMicroseconds'], ProfileEvents['OSCPUWaitMicroseconds'],
       ProfileEvents['OSIOWaitMicroseconds'] + ProfileEvents['DiskReadElapsedMicroseconds'] + ProfileEvents['DiskWriteElapsedMicroseconds'],
       ProfileEvents['RWLockReadersWaitMilliseconds'] * 1000 + ProfileEvents['RWLockWritersWaitMilliseconds'] * 1000
         + ProfileEvents['ContextLockWaitMicroseconds'] + ProfileEvents['PartsLockWaitMicroseconds']
FROM system.processes WHERE http_user_agent != 'hookline' LIMIT 500
