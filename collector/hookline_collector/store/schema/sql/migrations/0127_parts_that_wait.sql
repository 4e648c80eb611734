-- Parts that wait for a merge take memory, and the embedded engine merges one thing at a time. Of spans a merge takes eight to sixteen parts there, which costs
-- as little processor time as twenty and holds less at once, and its result ends at 256 MiB, so that it takes half a minute and not several. Fewer than eight
-- are merged when they are a day old: where fifty parts are there, two would do for the engine. Each token takes memory, too: the embedded engine's one
-- sender is the collector, which repeats a part within seconds, and three thousand tokens are minutes of full load.
ALTER TABLE ${database}.otel_traces ${on_cluster} MODIFY SETTING ${merges_of_spans}, ${tokens_kept};

-- Traces' times are small: forty parts a merge leave time for the others.
ALTER TABLE ${database}.otel_traces_trace_id_ts ${on_cluster} MODIFY SETTING ${merges_of_trace_times}, ${tokens_kept};

-- Requests keep their twelve: of ids that differ, a merge of eleven holds 50 MB.
ALTER TABLE ${database}.requests_state ${on_cluster} MODIFY SETTING ${tokens_kept};
