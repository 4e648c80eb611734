-- Count an attempt.
UPDATE queue SET attempts = :attempts WHERE id = :id
