-- What waits to be delivered, in order.
SELECT message, attempts FROM queue ORDER BY seq
