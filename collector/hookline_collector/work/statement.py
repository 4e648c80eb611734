"""The report queries: one `.sql` file each in `sql/`, read once. Values are bound; nothing is put into the text."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from hookline_collector.store import Rows

Query = Callable[[str, Mapping[str, Any]], Rows]
Command = Callable[[str, Mapping[str, Any]], None]


@cache
def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_text()
