-- Every row of a state table carries a mark, and merging adds marks up: the sum over a session's rows changes whenever something of it is stored,
-- and only then. So what was worked out of a session (0031) can tell what it was made of.
ALTER TABLE ${database}.tool_calls_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS mark SimpleAggregateFunction(sum, UInt64) DEFAULT bitShiftRight(cityHash64(call_id, source, requested, started, ended), 8) + 1;

-- (as above)
ALTER TABLE ${database}.activity_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS mark SimpleAggregateFunction(sum, UInt64) DEFAULT bitShiftRight(cityHash64(id, source, started, ended), 8) + 1;

-- (as above)
ALTER TABLE ${database}.usage_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS mark SimpleAggregateFunction(sum, UInt64) DEFAULT bitShiftRight(cityHash64(request_key, source, time), 8) + 1;

-- (as above)
ALTER TABLE ${database}.sessions_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS mark SimpleAggregateFunction(sum, UInt64) DEFAULT bitShiftRight(cityHash64(session_id, started, last, active), 8) + 1;

-- (as above)
ALTER TABLE ${database}.suspends_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS mark SimpleAggregateFunction(sum, UInt64) DEFAULT bitShiftRight(cityHash64(woke, slept), 8) + 1;

-- (as above)
ALTER TABLE ${database}.places_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS mark SimpleAggregateFunction(sum, UInt64) DEFAULT bitShiftRight(cityHash64(prompt_id, times), 8) + 1;
