-- As `functions`, of `plain_attributes`: of a value's texts one says something at most. What is not there is an empty text behind its NULL, so no NULL needs
-- to be looked at.
value -> concat(value.string_value, assumeNotNull(value.int_value), assumeNotNull(value.double_value), assumeNotNull(value.bool_value)) AS text,
attributes -> mapApply((key, value) -> (key, text(value)), attributes) AS strings,
nanoseconds -> fromUnixTimestamp64Nano(toInt64(least(nanoseconds, 4102444800000000000))) AS moment
