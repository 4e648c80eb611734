FROM db_samples_state FINAL
PREWHERE time >= greatest(rows_from, $__fromTime) AND time < $__toTime
WHERE if(
        wait_class != '', wait_class NOT IN ('idle_in_transaction', 'sleep'),
        NOT startsWith(state, 'idle in transaction') AND (wait_type = 'Lock' OR wait_event NOT IN ('PgSleep', 'VacuumDelay')))
  AND $__conditionalAll(database IN (${database:singlequote}), $database)
