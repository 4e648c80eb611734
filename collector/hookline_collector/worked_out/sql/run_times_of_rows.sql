-- The runs of the rows of all other days, each once.
SELECT agent, tool, tool_kind, [run_s], [toUInt64(1)]
FROM worked_calls FINAL
WHERE outcome != 'denied' AND day BETWEEN {since:Date} AND {until:Date} BESIDE
  AND started_ns >= {cuts:Array(Int64)}[1] AND started_ns < {cuts:Array(Int64)}[-1] AND ({agent:String} = '' OR agent = {agent:String})
