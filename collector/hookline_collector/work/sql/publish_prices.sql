-- Make a price list the newest one.
INSERT INTO prices (loaded, model_prefix, over_tokens, input, output, cache_write_5m, cache_write_1h, cache_read)
SELECT now64(9), row.1, row.2, row.3, row.4, row.5, row.6, row.7
FROM (
    SELECT arrayJoin(arrayZip(
        {prefixes:Array(String)}, {overs:Array(Int64)}, {inputs:Array(Float64)}, {outputs:Array(Float64)},
        {writes_5m:Array(Float64)}, {writes_1h:Array(Float64)}, {reads:Array(Float64)})) AS row
)
