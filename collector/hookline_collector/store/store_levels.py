"""How large the store is, and how busy with itself: what the collector tells of it among its own metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hookline.errors import HooklineError
from hookline_collector.observe.catalogue import STORE_BYTES, STORE_MERGES, STORE_PARTS
from hookline_collector.observe.metrics import Gauge
from hookline_collector.store.queries import load_query
from hookline_collector.store.rows import Rows


class StoreLevels:
    """The store's levels, which need not be asked again where nothing was written since and no merge ran then.

    `changes` counts what is written; None where others write too. Not for several threads at once.
    """

    def __init__(self, query: Callable[[str, Mapping[str, Any]], Rows], changes: Callable[[], int] | None = None) -> None:
        self._query = query
        self._changes = changes
        self._asked_at = 0
        self._is_at_rest = False

    def may_differ(self) -> bool:
        """Whether asking may bring something new: something was written, or the engine was still at work with what had been."""
        return not self._is_at_rest or self._changes is None or self._changes() != self._asked_at

    def read(self) -> Mapping[Gauge, float]:
        """Ask; see `store_levels`."""
        self._asked_at = self._changes() if self._changes is not None else 0
        found = store_levels(self._query)
        self._is_at_rest = found.get(STORE_MERGES) == 0
        return found


def store_levels(query: Callable[[str, Mapping[str, Any]], Rows]) -> Mapping[Gauge, float]:
    """Return parts, bytes and merges; nothing where the store is away or does not let us look."""
    try:
        parts, size, merges = query(load_query(__package__, "store_levels"), {}).rows[0]
    except HooklineError:
        return {}
    return {STORE_PARTS: float(parts), STORE_BYTES: float(size), STORE_MERGES: float(merges)}
