-- What did the sessions of databases (or of the one of {database}) do or wait for, as it was worked out by the minute or hour?
SELECT database, wait_class, wait_event, sum(seconds) AS total_s, sum(samples) AS samples, max({at:Identifier}) AS last
FROM {source:Identifier} FINAL
WHERE {at:Identifier} >= {since:DateTime('UTC')} AND {at:Identifier} < {until:DateTime('UTC')} AND ({database:String} = '' OR database = {database:String})
GROUP BY database, wait_class, wait_event
