-- Who knows of which alert.
SELECT fingerprint, fired_ns, created_by, comment, created_ns FROM acknowledgements ORDER BY fingerprint
