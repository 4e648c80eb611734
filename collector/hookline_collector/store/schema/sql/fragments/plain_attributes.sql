-- What the reader makes of `repeated KeyValue` where it writes numbers as texts itself. Bytes, arrays and lists have no place here: a type that takes one
-- text alone has the reader refuse a request with any other (`insert/short_way.py`).
Map(LowCardinality(String), Tuple(
    string_value String,
    bool_value Nullable(String),
    int_value Nullable(String),
    double_value Nullable(String),
    array_value Enum16('-31999' = -31999),
    kvlist_value Enum16('-31999' = -31999),
    bytes_value Enum16('-31999' = -31999)
))
