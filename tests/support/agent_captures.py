"""Captures of other agents' hooks and files, through adapter and fold: what is made of a whole session, in lines that a person can check by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import AgentEvent, tick
from hookline.agents import event_of
from hookline.contract import semconv
from hookline.fold import FoldState, fold, order
from hookline.records import SpanRecord

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
DAY_NS: Final = 24 * 3600 * 1_000_000_000


def rows(agent: str, name: str) -> list[dict[str, Any]]:
    """Return the lines of a fixture."""
    return [json.loads(line) for line in (FIXTURES / agent / name).read_text().splitlines()]


def captured(agent: str, told: Iterable[Mapping[str, Any]], **env: str) -> list[AgentEvent]:
    """Return captured hooks as events: `time_ns`, `payload`, and `event` where only the command said it."""
    found = []
    for number, row in enumerate(told):
        words = {"agent": agent, "ppid": "4711", **({"event": row["event"]} if "event" in row else {}), **env}
        found.append(event_of(row["payload"], words, row["time_ns"], f"{agent}-{number}"))
    return found


def spans_of(events: Iterable[AgentEvent], *, as_they_came: bool = False) -> list[SpanRecord]:
    """Return the spans that events become, each in its last copy, by their beginnings; a day later, so that nothing is open."""
    state, last = FoldState(), dict[int, SpanRecord]()
    ordered = list(events) if as_they_came else order(events)
    for event in [*ordered, tick(max(event.time_ns for event in ordered) + DAY_NS)]:
        state, step = fold(state, event)
        last |= {span.span_id: span for span in step.spans}
    return sorted(last.values(), key=lambda span: (span.start_ns, span.end_ns, span.name))


def told(spans: list[SpanRecord]) -> list[str]:
    """Return spans as lines: `name outcome error [closed by] ms`, a subagent's and a call's below what they stand under by two spaces each."""
    depths = {span.span_id: span for span in spans}
    return [f"{'  ' * _depth(span, depths)}{_line(span)}" for span in spans]


def _depth(span: SpanRecord, known: Mapping[int, SpanRecord]) -> int:
    above = known.get(span.parent_id or 0)
    return 0 if above is None else 1 + _depth(above, known)


def _line(span: SpanRecord) -> str:
    said = (semconv.OUTCOME, semconv.ERROR_TYPE, semconv.CLOSED_BY)
    words = [span.name, *(str(span.attributes[key]) for key in said if key in span.attributes), f"{round((span.end_ns - span.start_ns) / 1e6)}ms"]
    return " ".join(words)
