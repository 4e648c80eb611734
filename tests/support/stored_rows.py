"""What stands in a store's tables, to be held against what stands in another's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from hookline_collector.store import Store


def stored(store: Store, tables: Iterable[str]) -> list[tuple[str, ...]]:
    """Return each table's rows as the engine prints them; sets in order."""
    selects = [printing(store, table) for table in tables]
    return sorted(store.query(" UNION ALL ".join(selects))) if selects else []


@cache
def printing(store: Store, table: str) -> str:
    """Return the statement that prints a table's rows."""
    types = store.query("SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {t:String}", {"t": table}).rows
    columns = [f"arraySort(`{name}`)" if "groupUniqArray" in kind else f"`{name}`" for name, kind in types]
    final = "FINAL" if any("Aggregate" in kind for _, kind in types) else ""
    return f"SELECT '{table}', toString(tuple({', '.join(columns)})) FROM `{table}` {final}"
