-- text: a value as the exporter prints it; an array or a key-value list that nobody made JSON of is kept as base64, not lost.
-- strings: attributes as a map of texts. moment: Unix nanoseconds as a time, not later than 2100, past which dates overflow.
value -> coalesce(
    value.string_value,
    toString(value.int_value),
    toString(value.double_value),
    toString(value.bool_value),
    base64Encode(value.bytes_value),
    base64Encode(value.array_value),
    base64Encode(value.kvlist_value),
    ''
) AS text,
attributes -> mapApply((key, value) -> (key, text(value)), attributes) AS strings,
nanoseconds -> fromUnixTimestamp64Nano(toInt64(least(nanoseconds, 4102444800000000000))) AS moment
