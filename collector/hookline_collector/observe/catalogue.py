"""All of the collector's own metrics, as data. `docs/metrics.md` lists the same, and a test compares them.

Prometheus calls a counter `hookline_collector_<name>_total` and a gauge `hookline_collector_<name>`; OTLP calls both `hookline.collector.<name>`.
"""

from hookline_collector.observe.metrics import REASON, RULE, SIGNAL, STATE, Counter, Gauge

RECEIVED = Counter("received", "{item}", "Spans, log records and data points received.")
STORED = Counter("stored", "{item}", "Items stored in ClickHouse.")
REJECTED = Counter("rejected", "{item}", "Items rejected for good, by reason.", (SIGNAL, REASON))
DEDUPLICATED = Counter("deduplicated", "{item}", "Items that had been received before.")
QUARANTINED = Counter("quarantined", "{item}", "Items set aside, by reason: refused by the store, or damaged in the journal.", (SIGNAL, REASON))
QUARANTINE_DROPPED = Counter("quarantine_dropped", "{item}", "Items of the quarantine deleted to make room for newer ones.")
REQUESTS = Counter("requests", "{request}", "OTLP requests.")
REFUSED = Counter("refused", "{request}", "OTLP requests told to try again later, by reason.", (SIGNAL, REASON))
INVALID = Counter("invalid", "{request}", "OTLP requests rejected as a whole, by reason.", (SIGNAL, REASON))
BYTES = Counter("bytes", "By", "Bytes of OTLP requests after decompression.")
FLUSHES = Counter("flushes", "{insert}", "Inserts that the store answered.")
FLUSH_FAILURES = Counter("flush_failures", "{insert}", "Inserts that the store refused, to be tried again.")
TORN_BYTES = Counter("torn_bytes", "By", "Bytes that a crash cut off at the end of a segment; they were never acknowledged.")

JOURNAL_BYTES = Gauge("journal_bytes", "By", "Bytes that the journal holds on disk.", (SIGNAL,))
JOURNAL_ITEMS = Gauge("journal_items", "{item}", "Items in the journal that are not stored yet.", (SIGNAL,))
JOURNAL_SEGMENTS = Gauge("journal_segments", "{segment}", "Segments that wait to be stored.", (SIGNAL,))
JOURNAL_HELD_SEGMENTS = Gauge("journal_held_segments", "{segment}", "Waiting segments that are held back for a while.", (SIGNAL,))
JOURNAL_STORED_SEGMENTS = Gauge("journal_stored_segments", "{segment}", "Stored segments, kept until the store's disk has them.", (SIGNAL,))
JOURNAL_OLDEST = Gauge("journal_oldest_unix_seconds", "s", "When the oldest waiting segment was begun; 0 when none waits.", (SIGNAL,))
JOURNAL_SYNC = Gauge("journal_sync_seconds", "s", "How long the journal's last sync took.", (SIGNAL,))
FLUSH_SECONDS = Gauge("flush_seconds", "s", "How long the last insert took.", (SIGNAL,))
QUARANTINE_FILES = Gauge("quarantine_files", "{file}", "Entries in the quarantine.")
QUARANTINE_BYTES = Gauge("quarantine_bytes", "By", "Bytes in the quarantine.")
STORE_AVAILABLE = Gauge("store_available", "1", "1 while the store takes what it is given, else 0.")
STORE_SECURE = Gauge("store_secure_seconds", "s", "How long the store's last sync took.")
STORE_SECURED = Gauge("store_secured_unix_seconds", "s", "When the store's last sync began: what was stored before is on its disk.")
STORE_PARTS = Gauge("store_parts", "{part}", "Parts of which the store's tables consist.")
STORE_MERGES = Gauge("store_merges", "{merge}", "Merges of parts that run.")
STORE_BYTES = Gauge("store_bytes", "By", "What the store's tables take on its disk.")
DISK_FREE = Gauge("disk_free_bytes", "By", "What is free on the disk of the data folder.")
ALERTS_FIRING = Gauge("alerts_firing", "{alert}", "Alerts that fire.")
ALERTS_PENDING = Gauge("alerts_pending", "{alert}", "Alerts in breach that do not fire yet.")
RULE_ALERTS = Gauge("rule_alerts", "{alert}", "Alerts of a rule in a state, of rules that had one since the start.", (RULE, STATE))
RULES = Gauge("rules", "{rule}", "Alert rules in force.")
RULES_FAILING = Gauge("rules_failing", "{rule}", "Alert rules whose last evaluation failed.")
ALERTS_UNTOLD = Gauge("alerts_untold", "{change}", "Changes of alerts that are decided and not told everywhere yet.")
MESSAGES_WAITING = Gauge("messages_waiting", "{message}", "Messages of alerts that wait for their targets.")
TARGETS_FAILING = Gauge("targets_failing", "{target}", "Targets of alerts whose last attempt failed.")

COUNTERS: tuple[Counter, ...] = tuple(found for found in tuple(globals().values()) if isinstance(found, Counter))
GAUGES: tuple[Gauge, ...] = tuple(found for found in tuple(globals().values()) if isinstance(found, Gauge))
"""All that are declared above, in that order."""
