-- Queue a message behind all others.
INSERT OR IGNORE INTO queue (id, message) VALUES (:id, :message)
