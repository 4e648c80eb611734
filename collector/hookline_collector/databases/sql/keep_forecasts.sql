-- Replace the forecasts of a database.
INSERT INTO db_forecasts_state (
    database, told, level, what, metric, labels, unit, value, limit_value, slope_per_h, method, horizon_s, earliest_ns, expected_ns, latest_ns
)
SELECT
    {database:String}, fromUnixTimestamp64Nano({told_ns:Int64}, 'UTC'), {level:Float64}, {what:Array(String)}, {metric:Array(String)},
    {labels:Array(String)}, {unit:Array(String)}, {value:Array(Float64)}, {limit_value:Array(Float64)}, {slope_per_h:Array(Float64)},
    {method:Array(String)}, {horizon_s:Array(Float64)}, {earliest_ns:Array(Int64)}, {expected_ns:Array(Int64)}, {latest_ns:Array(Int64)}
