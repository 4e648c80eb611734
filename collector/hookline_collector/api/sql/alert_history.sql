-- The changes of alerts in a period, the newest first; of one rule or on one session where such is asked for.
SELECT transition_id, changed, rule, rule_group, rule_file, fingerprint, from_state, to_state, value, labels, annotations, active, fired, resolved
FROM alerts
WHERE changed >= fromUnixTimestamp64Nano({since:Int64}) AND (rule = {rule:String} OR {rule:String} = '')
  AND (labels['session_id'] = {session_id:String} OR {session_id:String} = '')
ORDER BY changed DESC, transition_id
LIMIT {limit:UInt32}
