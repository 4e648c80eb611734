-- Keep who knows of an alert.
INSERT INTO acknowledgements (fingerprint, fired_ns, created_by, comment, created_ns)
VALUES (:fingerprint, :fired_ns, :created_by, :comment, :created_ns)
ON CONFLICT (fingerprint) DO UPDATE SET
    fired_ns = excluded.fired_ns, created_by = excluded.created_by, comment = excluded.comment, created_ns = excluded.created_ns
