-- How did what may be used up develop, by series?
SELECT
    toString(metric) AS metric, series, any(attributes) AS labels, toUnixTimestamp(intDiv(toUnixTimestamp(time), {step:UInt32}) * {step:UInt32}) AS at_s,
    argMax(last, time) AS amount
FROM metric_values(metrics = {metrics:Array(String)}, since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, step = {step:UInt32})
WHERE if(resource['hookline.db.name'] != '', resource['hookline.db.name'], concat(resource['server.address'], ':', resource['server.port']))
    = {database:String}
GROUP BY metric, series, at_s
ORDER BY metric, series, at_s
LIMIT 50000
