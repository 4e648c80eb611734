"""Knowing again what agents' senders sent before.

A relay that was killed replays its spool, and a backfill may read what hooks delivered, so records of Hookline's own scopes
may arrive twice. They carry ids that a replay repeats: spans (trace id, span id, start, end), log records `log.record.uid`.
Other senders' telemetry is never looked at: two equal records of theirs are two records.

A key is remembered only after its record stands in the journal. The memory is bounded: two generations of at most half the
limit each; when the younger is full it becomes the older, and what the older held and nobody asked for is forgotten. After a
restart it is rebuilt from the store and the journal.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from hookline.contract import semconv
from hookline.contract.scopes import REPLAYED_SCOPES
from hookline.system.memory import BoundedMemory
from hookline_collector.ingest.items import replace
from hookline_collector.signal import Signal

Key = bytes


def span_key(trace_id: bytes, span_id: bytes, start_ns: int, end_ns: int) -> Key:
    """Return the key of a span. A span sent again with another end is another record."""
    return blake2b(struct.pack("<QQ", start_ns, end_ns) + trace_id + span_id, digest_size=16).digest()


def log_key(uid: str) -> Key:
    """Return the key of a log record."""
    return blake2b(uid.encode(), digest_size=16, person=b"log").digest()


def drop_known(signal: Signal, message: Any, known: BoundedMemory[Key]) -> tuple[list[Key], int]:
    """Take records out of the message that are known or stand in it twice. Return the keys of those left, and how many went."""
    fresh: dict[Key, None] = {}
    dropped = 0
    for records in _own_records(signal, message):
        kept = []
        for record in records:
            key = _key(signal, record)
            if key is not None and (key in fresh or key in known):
                continue
            if key is not None:
                fresh[key] = None
            kept.append(record)
        if len(kept) < len(records):
            dropped += len(records) - len(kept)
            replace(records, kept)
    return list(fresh), dropped


def keys_of(signal: Signal, message: Any) -> Iterator[Key]:
    """Yield the keys of all records of our own scopes in a parsed request."""
    for records in _own_records(signal, message):
        yield from (key for record in records if (key := _key(signal, record)) is not None)


def _own_records(signal: Signal, message: Any) -> Iterator[Any]:
    if signal is Signal.TRACES:
        yield from (part.spans for resource in message.resource_spans for part in resource.scope_spans if part.scope.name in REPLAYED_SCOPES)
    elif signal is Signal.LOGS:
        yield from (part.log_records for resource in message.resource_logs for part in resource.scope_logs if part.scope.name in REPLAYED_SCOPES)


def _key(signal: Signal, record: Any) -> Key | None:
    if signal is Signal.TRACES:
        return span_key(record.trace_id, record.span_id, record.start_time_unix_nano, record.end_time_unix_nano)
    uid = next((a.value.string_value for a in record.attributes if a.key == semconv.LOG_RECORD_UID), "")
    return log_key(uid) if uid else None
