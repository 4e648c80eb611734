"""The report queries: one `.sql` file each in `sql/`, read once. Values are bound; nothing is put into the text."""

from collections.abc import Callable, Mapping
from typing import Any

from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query

Query = Callable[[str, Mapping[str, Any]], Rows]
RunCommand = Callable[[str, Mapping[str, Any]], None]


def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return load_query(__package__, name)
