-- What a session does or waits for, in a word: as the agent tells it, else by the name of PostgreSQL's wait.
multiIf(
    wait_class != '', wait_class,
    startsWith(state, 'idle in transaction'), 'idle_in_transaction',
    wait_type = 'Lock', 'lock',
    wait_event IN ('PgSleep', 'VacuumDelay'), 'sleep',
    wait_event = 'SyncRep', 'replication',
    startsWith(wait_event, 'BufFile'), 'temp',
    startsWith(wait_event, 'WAL'), 'wal',
    wait_type = 'IO' OR wait_event = 'BufferIO', 'io',
    wait_type = 'LWLock', 'lwlock',
    wait_type = 'Client', 'client',
    wait_type = '', 'cpu',
    'other')
