-- What notification keeps across restarts. One writer, one connection.
CREATE TABLE IF NOT EXISTS alert_groups (
    key TEXT PRIMARY KEY,
    state BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS alert_members (
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    alert BLOB NOT NULL,
    PRIMARY KEY (key, fingerprint)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS queue (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    attempts INTEGER NOT NULL DEFAULT 0,
    message BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS silences (
    id TEXT PRIMARY KEY,
    matchers TEXT NOT NULL,
    starts_ns INTEGER NOT NULL,
    ends_ns INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    comment TEXT NOT NULL,
    created_ns INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS acknowledgements (
    fingerprint TEXT PRIMARY KEY,
    fired_ns INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    comment TEXT NOT NULL,
    created_ns INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL,
    target TEXT NOT NULL,
    receiver TEXT NOT NULL,
    group_key TEXT NOT NULL,
    reason TEXT NOT NULL,
    alerts_firing INTEGER NOT NULL,
    alerts_resolved INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    code INTEGER NOT NULL,
    answer TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    after_breach_ns INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS deliveries_by_target ON deliveries (target, seq);
