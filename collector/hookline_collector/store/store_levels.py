"""How large the store is, and how busy with itself: what the collector tells of it among its own metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hookline.errors import HooklineError
from hookline_collector.observe.catalogue import STORE_BYTES, STORE_MERGES, STORE_PARTS
from hookline_collector.observe.metrics import Gauge
from hookline_collector.store.queries import load_query
from hookline_collector.store.rows import Rows


def store_levels(query: Callable[[str, Mapping[str, Any]], Rows]) -> Mapping[Gauge, float]:
    """Return parts, bytes and merges; nothing where the store is away or does not let us look."""
    try:
        parts, size, merges = query(load_query(__package__, "store_levels"), {}).rows[0]
    except HooklineError:
        return {}
    return {STORE_PARTS: float(parts), STORE_BYTES: float(size), STORE_MERGES: float(merges)}
