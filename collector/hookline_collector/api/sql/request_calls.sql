-- What did a request call?
SELECT calls, repeated, calls_left_out
FROM requests
WHERE started >= {since:DateTime('UTC')} AND started < {until:DateTime('UTC')} AND request_id = {request_id:String}
