-- How long did tools run, and what an agent does with tools of a kind? Of whole days as they were added up, and of the runs beside them.
SELECT slot.1 AS part, slot.2 AS key, quantilesExactWeightedInterpolatedArrayMerge(0.5, 0.95, 0.99)(quantiles) AS run_quantiles_s
FROM (
    SELECT quantiles, arrayJoin([(2, toString(tool)), (3, concat(agent, ' ', tool_kind))]) AS slot
    FROM (
        SELECT agent, tool, tool_kind, quantilesExactWeightedInterpolatedArrayState(0.5, 0.95, 0.99)(run_values, run_weights) AS quantiles
        FROM (
            SELECT agent, tool, tool_kind, run_values, run_weights
            FROM worked_days
            WHERE grain = 3 AND IS_ADDED_UP AND ({agent:String} = '' OR agent = {agent:String})
            UNION ALL
RUNS
        )
        GROUP BY agent, tool, tool_kind
    )
)
GROUP BY slot
SETTINGS do_not_merge_across_partitions_select_final = 1
