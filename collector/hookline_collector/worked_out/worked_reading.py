"""Answering from what was worked out: the same questions, with the same answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from hookline.errors import HooklineError
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import Query, statement
from hookline_collector.worked_out.clock_reading import is_fine, worked_rows
from hookline_collector.worked_out.worked_store import WorkedStore

_OF_REPORTS = {name: f"read_{name}" for name in ("calls", "prompts", "spend", "requests", "limits")}
_OF_API = {
    "sessions": "read_session_list",
    "turns": "read_session_turns",
    "calls": "read_session_calls",
    "conversation": "read_conversation",
    "bands": "read_bands",
    "session_requests": "read_session_requests",
    "session_files": "read_session_files",
}
_MONTH_BY_MONTH = "SETTINGS do_not_merge_across_partitions_select_final = 1\n"
log = logging.getLogger(__name__)


@cache
def instead() -> Mapping[str, str]:
    """Return each statement that reads facts, with the one that reads what was worked out of them."""
    found = {statement(name): load_query(__package__, own) for name, own in _OF_REPORTS.items()}
    found |= {load_query("hookline_collector.api", name): load_query(__package__, own) for name, own in _OF_API.items()}
    worked = statement("worked")
    return {**found, worked: worked.replace("activity_parts_at(", "worked_parts_at(") + _MONTH_BY_MONTH}


class WorkedReading:
    """Questions to what was worked out, as far as it can be brought up to what is stored; else to the facts, which is slower and says the same."""

    def __init__(self, query: Query, worked: WorkedStore, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._query = query
        self._worked = worked
        self._clock_ns = clock_ns

    def begin(self) -> Query:
        """Work out what is stored and return what answers questions to all of it. Blocks; where the store is away the question will say so."""
        try:
            is_all = self._worked.catch_up(self._clock_ns())
        except HooklineError as why:
            log.debug("cannot work out what is stored: %s", why)
            is_all = False
        return self._ask if is_all else self._query

    def _ask(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        if sql == statement("worked") and is_fine(parameters) and (found := worked_rows(self._query, parameters)) is not None:
            return found
        return self._query(instead().get(sql, sql), parameters)
