-- Keep an alert of a group as it is now.
INSERT INTO alert_members (key, fingerprint, alert) VALUES (:key, :fingerprint, :alert)
ON CONFLICT (key, fingerprint) DO UPDATE SET alert = excluded.alert
