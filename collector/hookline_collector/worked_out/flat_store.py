"""The part of the store in which what was worked out is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from hookline_collector.store import Rows


class FlatStore(Protocol):
    """Asks and writes."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer our own SQL."""

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run our own SQL that answers nothing."""

    def write(self, table: str, lines: bytes) -> None:
        """Insert rows as lines of JSON."""
