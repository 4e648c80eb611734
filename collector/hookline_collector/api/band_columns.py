"""Stretches of many people as a band has room for: added up by column and project, neighbours that are the same as one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from hookline.contract.told_records import to_iso
from hookline.system.clock import NS_PER_S

AGENT = 1
_KINDS = {AGENT: "agent", 2: "human", 3: "waiting"}
_REASONS = {2: "prompt", 3: "permission", 4: "answer"}
_NOT_TOLD = dict.fromkeys(("user", "branch", "session_id", "prompt_id", "evidence"), "")


class Column(NamedTuple):
    """What one column has of a kind and a project: how many agents worked at once in it, on average."""

    kind: int
    reason: int
    project: str
    place: int
    agents: float


def column_ns(start_ns: int, end_ns: int, columns: int) -> int:
    """Return how long a column is, in whole seconds, if a period has so many at most."""
    return -(-(end_ns - start_ns) // (columns * NS_PER_S)) * NS_PER_S


def stretches_of(found: Iterable[Iterable[Any]], start_ns: int, end_ns: int, length_ns: int, now_ns: int) -> list[dict[str, Any]]:
    """Return columns, in their order, as stretches in order of time; open are those that reach up to now."""
    return sorted(_runs(map(Column._make, found), start_ns, min(end_ns, now_ns), length_ns, now_ns), key=lambda each: each["started"])


def _runs(columns: Iterable[Column], start_ns: int, last_ns: int, length_ns: int, now_ns: int) -> Iterator[dict[str, Any]]:
    numbered = ((n, each, max(1, round(each.agents)) if each.kind == AGENT else 1) for n, each in enumerate(columns))
    for _, run in groupby(numbered, key=lambda each: (each[1][:3], each[2], each[1].place - each[0])):
        (_, first, agents), *rest = run
        ended_ns = min(last_ns, start_ns + ((rest[-1][1] if rest else first).place + 1) * length_ns)
        yield {
            "kind": _KINDS[first.kind],
            "waiting_for": _REASONS.get(first.reason, ""),
            "project": first.project,
            **_NOT_TOLD,
            "agents": agents,
            "started": to_iso(start_ns + first.place * length_ns),
            "ended": None if ended_ns >= now_ns else to_iso(ended_ns),
        }
