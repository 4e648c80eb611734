"""Whose processor time a call's is: its own, or also that of a call that was under way meanwhile."""

from __future__ import annotations

from typing import Any

from hookline.contract.tool_kinds import ToolKind
from hookline_collector.worked_out.call_rules import with_sharing
from support.cases import with_each


def row(
    call_id: str, requested_ns: int, ended_ns: int, kind: ToolKind = ToolKind.SHELL, session_id: str = "s", cpu_s: float | None = 1.0
) -> dict[str, Any]:
    """Return what is looked at of a call."""
    return {
        "session_id": session_id,
        "call_id": call_id,
        "tool_kind": kind,
        "requested_ns": requested_ns,
        "ended_ns": ended_ns,
        "process_cpu_s": cpu_s,
    }


ALONE = row("a", 10, 20)


@with_each(
    "other, shared",
    [
        (row("b", 15, 30), {"a": 1, "b": 1}),
        (row("b", 5, 30), {"a": 1, "b": 1}),
        (row("b", 20, 30), {"a": 0, "b": 0}),
        (row("b", 5, 10), {"a": 0, "b": 0}),
        (row("b", 15, 30, session_id="other"), {"a": 0, "b": 0}),
        (row("b", 15, 30, cpu_s=None), {"a": 1, "b": 0}),
        (row("b", 5, 30, ToolKind.AGENT, cpu_s=None), {"a": 0, "b": 0}),
        (row("b", 15, 30, ToolKind.AGENT, cpu_s=None), {"a": 0, "b": 0}),
    ],
)
def test_a_call_shares_what_was_used_with_those_of_its_session_that_overlap(other: dict[str, Any], shared: dict[str, int]) -> None:
    """Not with one that only follows, with another session's, or with the call that runs its subagent; none is said without a figure."""
    for rows in ([ALONE, other], [other, ALONE]):
        assert {each["call_id"]: each["process_cpu_shared"] for each in with_sharing(rows)} == shared


def test_a_long_call_is_shared_by_all_that_begin_in_it() -> None:
    """Also by the one that follows another within it."""
    rows = [row("long", 0, 100), row("first", 10, 20), row("second", 30, 40), row("after", 100, 110)]
    assert {each["call_id"]: each["process_cpu_shared"] for each in with_sharing(rows)} == {"long": 1, "first": 1, "second": 1, "after": 0}
