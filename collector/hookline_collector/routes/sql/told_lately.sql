-- Of which routes was it told that they became slower?
SELECT DISTINCT
    ServiceName, if(LogAttributes['rpc.method'] != '', 'grpc', LogAttributes['http.request.method']),
    if(LogAttributes['rpc.method'] != '', LogAttributes['rpc.method'], LogAttributes['http.route'])
FROM otel_logs
WHERE toStartOfFiveMinutes(Timestamp) >= toStartOfFiveMinutes({since:DateTime('UTC')}) AND Timestamp >= {since:DateTime('UTC')}
  AND Timestamp < {until:DateTime('UTC')} AND EventName = {record:String}
