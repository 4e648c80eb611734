"""The tree of a request that is kept: which calls it made, from where, which of them again and again, and what held it up.

Pure: from what was noted of a request to values. It runs in the background, when the answer has gone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hookline.contract import services as names
from hookline.services.calls import ServiceCall, shown_file

REPEATED_FROM: Final = 5
"""So many calls of one statement from one line are N+1."""
MAX_REPEATED: Final = 10
MS: Final = 1e6


@dataclass(frozen=True, slots=True)
class CallsAgain:
    """Calls of one statement from one line of the application."""

    count: int
    ns: int
    system: str
    summary: str
    hash: str
    file: str
    line: int
    function: str

    @property
    def told(self) -> dict[str, Any]:
        """As `hookline.request.repeated` has it."""
        values = (self.count, round(self.ns / MS, 3), self.system, self.summary, self.hash, self.file, self.line, self.function)
        return {key: value for key, value in zip(names.REPEATED_FIELDS, values, strict=True) if value not in {"", 0}}

    def sentence(self, at_least: str) -> str:
        """For people. `at_least` stands before the figures, empty where all calls are known."""
        place = f" from {self.file}:{self.line}" if self.file else ""
        return f"N+1: {self.summary} {at_least}{self.count} times{place}, {at_least}{self.ns / MS:.0f} ms"


def repeated(calls: Sequence[ServiceCall]) -> list[CallsAgain]:
    """Return what was called again and again, the most often first."""
    groups: dict[tuple[str, str, int], list[ServiceCall]] = {}
    for call in calls:
        if call.kind == "db" and call.words.is_query:
            file, line, _ = call.place or ("", 0, "")
            groups.setdefault((call.words.hash or call.words.summary, file, line), []).append(call)
    found = [_of(group) for group in groups.values() if len(group) >= REPEATED_FROM]
    return sorted(found, key=lambda one: -one.count)[:MAX_REPEATED]


def _of(group: Sequence[ServiceCall]) -> CallsAgain:
    first = group[0]
    file, line, function = first.place or ("", 0, "")
    return CallsAgain(
        len(group),
        sum(call.ns for call in group),
        first.target.system,
        first.words.summary,
        first.words.hash,
        shown_file(file),
        line,
        function,
    )


def told_calls(calls: Sequence[ServiceCall], started_ns: int) -> str:
    """Return the calls as `hookline.request.calls` has them."""
    return json.dumps([_told(call, started_ns) for call in calls], ensure_ascii=False, separators=(",", ":"))


def _told(call: ServiceCall, started_ns: int) -> dict[str, Any]:
    file, line, function = call.place or ("", 0, "")
    values = (
        round((call.started_ns - started_ns) / MS, 3),
        round(call.ns / MS, 3),
        call.kind,
        call.target.system,
        call.words.summary,
        call.words.hash,
        call.rows if call.rows >= 0 else "",
        call.error_type,
        shown_file(file),
        line or "",
        function,
        f"{call.span_id:016x}" if call.span_id else "",
    )
    return {key: value for key, value in zip(names.CALL_FIELDS, values, strict=True) if value != ""}


def sentence(
    name: str, ns: int, reason: str, threshold_ns: int, calls: Sequence[ServiceCall], left_out: int, db_ns: int, again: Sequence[CallsAgain]
) -> str:
    """Say in one line what a person should know of a request; `left_out` calls that it made are not in the list."""
    why = {
        names.KeptBecause.FAILED: "failed",
        names.KeptBecause.LIMIT: f"over the limit of {threshold_ns / MS:,.0f} ms",
        names.KeptBecause.ROUTE: f"99 of 100 requests of this route take less than {threshold_ns / MS:,.0f} ms",
        names.KeptBecause.SAMPLED: "a sample",
    }.get(names.KeptBecause(reason), reason)
    count, at_least = sum(call.kind == "db" for call in calls) + left_out, "at least " if left_out else ""
    many = "1 database call" if count == 1 else f"{count} database calls"
    database = f"; {many}, {at_least}{db_ns / MS:,.0f} ms" if count else ""
    return f"{name} took {ns / MS:,.0f} ms ({why}){database}" + "".join(f"; {one.sentence(at_least)}" for one in again[:1])
