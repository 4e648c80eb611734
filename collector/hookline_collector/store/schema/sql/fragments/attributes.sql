-- What the reader makes of `repeated KeyValue`.
Map(LowCardinality(String), ${value})
