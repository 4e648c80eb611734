-- Forget that somebody knows of an alert.
DELETE FROM acknowledgements WHERE fingerprint = :fingerprint
