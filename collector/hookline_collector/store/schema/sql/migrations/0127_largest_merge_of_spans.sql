-- In the embedded engine no merge of spans makes a part of more than half a gigabyte. One thread merges: behind a merge of eleven million spans others waited
-- for a minute and a half, and each part that waits takes memory. Spans are read by their trace or by their time, for which one part of a month is as good as some.
ALTER TABLE ${database}.otel_traces ${on_cluster} MODIFY SETTING ${merges_of_spans};
