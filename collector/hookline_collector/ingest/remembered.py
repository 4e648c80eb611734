"""What a collector knew before its restart: the keys of agents' records that the store holds.

A relay that was killed sends again what was not acknowledged, and a collector that was restarted in between must know it. Half of
the memory goes to spans and half to log records, the newest of each; the journal's own are added by the app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hookline_collector.ingest import Key, log_key, span_key
from hookline_collector.ingest.duplicates import SCOPES
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query

Query = Callable[[str, Mapping[str, Any]], Rows]


def stored_keys(query: Query, days: int, limit: int) -> Iterator[Key]:
    """Yield the keys, oldest first so that the newest are remembered longest; blocks."""
    parameters = {"scopes": sorted(SCOPES), "days": days, "limit": limit // 2}
    for (uid,) in reversed(query(load_query(__package__, "known_logs"), parameters).rows):
        yield log_key(uid)
    for trace_id, span_id, start_ns, end_ns in reversed(query(load_query(__package__, "known_spans"), parameters).rows):
        yield span_key(bytes.fromhex(trace_id), bytes.fromhex(span_id), int(start_ns), int(end_ns))
