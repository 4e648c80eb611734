FROM (
    SELECT at_ns, agent, tool, tool_kind, tool_calls AS calls, failures, denials, run_s, wait_s, run_values
    FROM worked_days FINAL
    PREWHERE
        {{is_added_up}}
        AND grain = 8
        AND $__conditionalAll(user IN (${person:singlequote}), $person)
        AND $__conditionalAll(project IN (${project:singlequote}), $project)
        AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
        AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
    UNION ALL
    SELECT
        started_ns, agent, tool, tool_kind, toUInt64(1), toUInt64(outcome = 'failure'), toUInt64(outcome = 'denied') AS is_denied,
        run_s, wait_s, arrayWithConstant(1 - is_denied, run_s)
    {{calls_of_range}}
      AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
      AND NOT (
          {{is_added_up}}
      )
)
