"""The report queries: one `.sql` file each in `sql/`, read once. Values are bound; nothing is put into the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query

Query = Callable[[str, Mapping[str, Any]], Rows]
RunCommand = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """What answers questions; `missing` says why it does not know all that is stored, where it does not.

    `instead` is asked where that takes more memory than there is.
    """

    query: Query
    missing: str = ""
    instead: Ground | None = None


def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return load_query(__package__, name)
