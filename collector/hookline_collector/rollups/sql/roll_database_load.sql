-- An hour of samples by the minute.
INSERT INTO db_load_1m
    (database, minute, wait_class, wait_event, namespace, application, statement_hash, statement, seconds, samples)
SELECT *
FROM db_load_of_samples(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
