"""The report queries: one `.sql` file each in `sql/`, read once. Values are bound; nothing is put into the text but sums that several share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
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


@cache
def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`, which is also the key of what answers it instead."""
    return with_sums(load_query(__package__, name))


def with_sums(sql: str) -> str:
    """Return a statement about turns with the sums of prompts in it, where it has them: of facts, of rows, or of a day that is added up."""
    return sql.replace("SUMS_OF_PROMPTS", load_query(__package__, "sums_of_prompts").rstrip())
