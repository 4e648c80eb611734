-- Take a message out of the queue.
DELETE FROM queue WHERE id = :id
