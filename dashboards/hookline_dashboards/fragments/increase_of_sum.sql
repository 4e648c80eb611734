multiIf(
    temporality = 0, 0.,
    temporality = 1, Value,
    time_before >= TimeUnix - 3600,
    if(StartTimeUnix <= time_before AND (IsMonotonic = 0 OR Value >= value_before), Value - value_before, Value),
    StartTimeUnix < TimeUnix - 3600, 0.,
    Value)
