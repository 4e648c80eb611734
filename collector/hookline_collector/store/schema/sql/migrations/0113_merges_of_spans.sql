-- How many parts of spans a merge takes: more than of other tables in the embedded engine, so that each span is written anew less often. Its parts are
-- merged a column at a time, for which sixteen need less memory than twelve of the requests that services answered.
ALTER TABLE ${database}.otel_traces ${on_cluster} MODIFY SETTING ${merges_of_spans};
