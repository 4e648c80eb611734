-- Keep a group as it is now.
INSERT INTO alert_groups (key, state) VALUES (:key, :state) ON CONFLICT (key) DO UPDATE SET state = excluded.state
