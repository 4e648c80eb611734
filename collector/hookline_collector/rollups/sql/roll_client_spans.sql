-- Clients' spans of a time.
INSERT INTO client_timings (what, time, session_id, service, version, name, call_id, seconds, first_token_s, hooks)
SELECT * FROM client_timings_of_spans(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})
