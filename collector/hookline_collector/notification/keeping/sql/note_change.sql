-- Remember that a change was taken.
INSERT OR IGNORE INTO changes (id) VALUES (:id)
