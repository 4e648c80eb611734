-- How many tool calls took how long? A column for each upper bound in seconds; the last holds what took longer.
SELECT
    toDateTime(slot * $__interval_s, 'UTC') AS t,
    sumIf(calls, bound = 0) AS `0.01`,
    sumIf(calls, bound = 1) AS `0.03`,
    sumIf(calls, bound = 2) AS `0.1`,
    sumIf(calls, bound = 3) AS `0.3`,
    sumIf(calls, bound = 4) AS `1`,
    sumIf(calls, bound = 5) AS `3`,
    sumIf(calls, bound = 6) AS `10`,
    sumIf(calls, bound = 7) AS `30`,
    sumIf(calls, bound = 8) AS `120`,
    sumIf(calls, bound = 9) AS `600`,
    sumIf(calls, bound = 10) AS `3600`
FROM (
    SELECT
        intDiv(started_ns, $__interval_s * 1000000000) AS slot,
        (run_s >= 0.01) + (run_s >= 0.03) + (run_s >= 0.1) + (run_s >= 0.3) + (run_s >= 1) + (run_s >= 3)
            + (run_s >= 10) + (run_s >= 30) + (run_s >= 120) + (run_s >= 600) AS bound,
        count() AS calls
    {{calls_of_range}}
      AND outcome != 'denied'
      AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
    GROUP BY slot, bound
)
GROUP BY t
ORDER BY t
