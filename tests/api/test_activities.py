"""What happened in a session, put together of what its sources and its client tell."""

from __future__ import annotations

from typing import Any

import pytest

from hookline_collector.api.activities import activities
from hookline_collector.api.span_tree import SessionRows, spans_of


def told(kind: str, name: str, source: int, **also: Any) -> dict[str, Any]:
    """Return a row of a source, with an end that was observed."""
    row = {"prompt_id": "", "agent_id": "", "call_id": "", "reason": "", "from_ns": 5, "step": 3, "to_ns": 9, "outcome": "success"}
    return {"kind": kind, "id": name, "source": source, **row, **also}


def test_each_is_told_once_by_its_best_source() -> None:
    """What the best one leaves out another one says; it began when the first says so, and ended as the surest says."""
    rows = [
        told("wait", "w", 1, prompt_id="p1", reason="permission", from_ns=4, to_ns=12, step=1, outcome="unknown"),
        told("wait", "w", 3, prompt_id="p3", to_ns=10),
        told("wait", "w", 2, prompt_id="p2", reason="answer", to_ns=11, step=2),
        told("subagent", "w", 2, agent_id="a", from_ns=1, step=2),
    ]
    expected = [
        told("subagent", "w", 2, agent_id="a", from_ns=1) | {"evidence": "derived"},
        told("wait", "w", 3, prompt_id="p3", reason="answer", from_ns=4, to_ns=10) | {"evidence": "observed"},
    ]
    assert activities(rows) == [
        {"what": row["kind"], **{name: row[name] for name in row if name not in ("kind", "source", "step")}} for row in expected
    ]


def test_what_did_not_begin_or_end_is_not_told() -> None:
    """Nor what ended before it began."""
    assert activities([told("wait", "a", 3, from_ns=0), told("wait", "b", 3, to_ns=0), told("wait", "c", 3, from_ns=10)]) == []


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, ("", 2_000_000_000, "success")),
        ({"hook_event": "Stop", "total_duration_ms": "12.5", "num_blocking": "0"}, ("Stop", 1_987_500_000, "success")),
        ({"hook_event": "Stop", "hook_name": "Stop:a", "num_blocking": "1"}, ("Stop:a", 2_000_000_000, "failure")),
        ({"hook_name": "b", "total_duration_ms": "inf", "num_non_blocking_error": "2"}, ("b", 2_000_000_000, "failure")),
        ({"hook_name": "b", "total_duration_ms": "soon", "num_blocking": "-1"}, ("b", 2_000_000_000, "success")),
    ],
)
def test_a_hook_is_told_as_its_client_tells_it(attributes: dict[str, str], expected: tuple[str, int, str]) -> None:
    """What is no number is 0."""
    [span] = spans_of(SessionRows((), (), (), (), ({"to_ns": 2_000_000_000, "attributes": attributes},), {}))
    assert (span.name, span.started_ns, span.outcome) == expected
