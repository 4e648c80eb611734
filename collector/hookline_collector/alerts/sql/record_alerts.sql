-- Keep changes of alerts; the ids of changes that are there already are left out.
INSERT INTO alerts_state (transition_id, changed, rule, rule_group, rule_file, fingerprint, from_state, to_state, value, labels, annotations, active, fired, resolved)
SELECT
    row.1, fromUnixTimestamp64Nano(row.2), row.3, row.4, row.5, row.6, row.7, row.8, row.9,
    mapFromArrays(JSONExtractKeys(row.10), arrayMap(key -> JSONExtractString(row.10, key), JSONExtractKeys(row.10))),
    mapFromArrays(JSONExtractKeys(row.11), arrayMap(key -> JSONExtractString(row.11, key), JSONExtractKeys(row.11))),
    fromUnixTimestamp64Nano(row.12), fromUnixTimestamp64Nano(row.13), fromUnixTimestamp64Nano(row.14)
FROM (
    SELECT arrayJoin(arrayZip(
        {ids:Array(String)}, {changed:Array(Int64)}, {rules:Array(String)}, {groups:Array(String)}, {files:Array(String)},
        {fingerprints:Array(String)}, {from_states:Array(String)}, {to_states:Array(String)}, {values:Array(Float64)},
        {labels:Array(String)}, {annotations:Array(String)}, {active:Array(Int64)}, {fired:Array(Int64)}, {resolved:Array(Int64)})) AS row
)
WHERE row.1 NOT IN (SELECT toString(transition_id) FROM alerts_state WHERE changed >= fromUnixTimestamp64Nano({since:Int64}))
