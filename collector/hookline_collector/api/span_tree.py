"""A session as spans, one within another: what a waterfall is drawn of. Pure.

The spans are made of what was worked out of all sources, not of one sender's spans: turns, requests to models, tool calls, waits for a person, hooks,
subagents and compactions, each once. A call, a request or a wait of a subagent lies within it, and the subagent within the call that started it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from hookline.system.clock import NS_PER_S, parse_iso
from hookline_collector.api.stored_rows import number_of

SpanKind = Literal["turn", "request", "call", "wait", "hook", "subagent", "compaction"]
_STARTERS = ("Agent", "Task")
_LATE_NS = 5 * NS_PER_S
_TROUBLES = ("num_blocking", "num_non_blocking_error")
_ORDER = {"turn": 0, "call": 1, "subagent": 2}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SpanRow:
    """Something that happened in a session, and within what."""

    span_id: str
    parent_id: str
    kind: SpanKind
    name: str
    started_ns: int
    ended_ns: int
    is_open: bool
    outcome: str
    error_type: str
    evidence: str
    waiting_for: str
    prompt_id: str
    call_id: str
    agent_id: str
    wait_s: float
    total_tokens: int
    cost_usd: float | None
    process_cpu_s: float | None = None
    process_cpu_shared: bool = False


@dataclass(frozen=True, slots=True)
class SessionRows:
    """What was found of a session, by kind."""

    turns: Sequence[Row]
    calls: Sequence[Row]
    requests: Sequence[Row]
    others: Sequence[Row]
    hooks: Sequence[Row]
    agent_names: Mapping[str, str]


def spans_of(found: SessionRows) -> list[SpanRow]:
    """Return all spans in the order of their beginning, what holds others before these."""
    places, used = _Places(found), _used_by_prompt(found.requests)
    spans = [
        *(_turn(row, used.get(row["prompt_id"], (0, None))) for row in found.turns),
        *(_call(row, places) for row in found.calls),
        *(_request(row, places) for row in found.requests),
        *(_other(row, places, found.agent_names) for row in found.others),
        *(_hook(row, places) for row in found.hooks),
    ]
    return sorted(spans, key=lambda span: (span.started_ns, _ORDER.get(span.kind, 3), -span.ended_ns, span.span_id))


class _Places:
    """Where things belong."""

    def __init__(self, found: SessionRows) -> None:
        self._prompts = {row["prompt_id"] for row in found.turns}
        self._calls = {row["call_id"] for row in found.calls}
        self._turns = sorted((_ns(row["started"]), row["prompt_id"]) for row in found.turns)
        self._subagents = {row["agent_id"] for row in found.others if row["what"] == "subagent"}
        self._started = dict(_starters(found))

    def within(self, agent_id: str, prompt_id: str, at_ns: int) -> str:
        """Return the span that holds what an agent did."""
        if agent_id in self._subagents:
            return f"subagent:{agent_id}"
        return self.turn(prompt_id, at_ns)

    def turn(self, prompt_id: str, at_ns: int) -> str:
        """Return the turn of a prompt; where the prompt is unknown the one under way."""
        if prompt_id in self._prompts:
            return f"turn:{prompt_id}"
        n = bisect_right(self._turns, (at_ns, "\U0010ffff"))
        return f"turn:{self._turns[n - 1][1]}" if n and not prompt_id else ""

    def call(self, call_id: str) -> str:
        """Return a call's span, '' where it is not known."""
        return f"call:{call_id}" if call_id in self._calls else ""

    def starter(self, agent_id: str) -> str:
        """Return the span of the call that started a subagent."""
        return self._started.get(agent_id, "")


def _starters(found: SessionRows) -> Iterator[tuple[str, str]]:
    """Yield for each subagent the call that started it: the last one of its prompt before it that started none yet."""
    calls: defaultdict[str, list[Row]] = defaultdict(list)
    for row in found.calls:
        if row["tool"] in _STARTERS:
            calls[row["prompt_id"]].append(row)
    for row in sorted((row for row in found.others if row["what"] == "subagent"), key=lambda row: row["from_ns"]):
        waiting = calls[row["prompt_id"]]
        fitting = [call for call in waiting if _ns(call["requested"]) <= row["from_ns"] <= _ns(call["ended"]) + _LATE_NS]
        if fitting:
            waiting.remove(fitting[0])
            yield row["agent_id"], f"call:{fitting[0]['call_id']}"


def _used_by_prompt(requests: Iterable[Row]) -> dict[str, tuple[int, float | None]]:
    """Return the tokens of each prompt's requests, and what they cost; None where that is known of none."""
    found: dict[str, tuple[int, float | None]] = {}
    for row in requests:
        tokens, cost = found.get(row["prompt_id"], (0, None))
        known = [each for each in (cost, row["cost_usd"]) if each is not None]
        found[row["prompt_id"]] = tokens + row["total_tokens"], sum(known) if known else None
    return found


def _turn(row: Row, used: tuple[int, float | None]) -> SpanRow:
    started_ns = _ns(row["started"])
    total_tokens, cost_usd = used
    return SpanRow(
        span_id=f"turn:{row['prompt_id']}",
        parent_id="",
        kind="turn",
        name=row["prompt_source"] or "user",
        started_ns=started_ns,
        ended_ns=max(started_ns, _ns(row["ended"])),
        is_open=row["is_open"],
        outcome=row["outcome"],
        error_type=row["error_type"],
        evidence=row["evidence"],
        waiting_for="",
        prompt_id=row["prompt_id"],
        call_id="",
        agent_id="",
        wait_s=0.0,
        total_tokens=total_tokens,
        cost_usd=cost_usd,
    )


def _call(row: Row, places: _Places) -> SpanRow:
    started_ns = min(_ns(row["requested"]), _ns(row["started"]))
    return SpanRow(
        span_id=f"call:{row['call_id']}",
        parent_id=places.within(row["agent_id"], row["prompt_id"], started_ns),
        kind="call",
        name=row["tool"],
        started_ns=started_ns,
        ended_ns=max(started_ns, _ns(row["ended"])),
        is_open=row["outcome"] == "running",
        outcome=row["outcome"],
        error_type=row["error_type"],
        evidence=row["evidence"],
        waiting_for="",
        prompt_id=row["prompt_id"],
        call_id=row["call_id"],
        agent_id=row["agent_id"],
        wait_s=row["wait_s"],
        total_tokens=0,
        cost_usd=None,
        process_cpu_s=row["process_cpu_s"],
        process_cpu_shared=row["process_cpu_shared"],
    )


def _request(row: Row, places: _Places) -> SpanRow:
    ended_ns = int(row["time_ns"])
    started_ns = ended_ns - round(row["duration_s"] * NS_PER_S)
    return SpanRow(
        span_id=f"request:{row['request_key']}",
        parent_id=places.within(row["agent_id"], row["prompt_id"], started_ns),
        kind="request",
        name=row["model"],
        started_ns=started_ns,
        ended_ns=ended_ns,
        is_open=False,
        outcome="success",
        error_type="",
        evidence="observed",
        waiting_for="",
        prompt_id=row["prompt_id"],
        call_id="",
        agent_id=row["agent_id"],
        wait_s=0.0,
        total_tokens=row["total_tokens"],
        cost_usd=row["cost_usd"],
    )


def _other(row: Row, places: _Places, names: Mapping[str, str]) -> SpanRow:
    agent_id, is_subagent = row["agent_id"], row["what"] == "subagent"
    around = places.turn(row["prompt_id"], row["from_ns"])
    parent = places.starter(agent_id) if is_subagent else places.call(row["call_id"]) or places.within(agent_id, row["prompt_id"], row["from_ns"])
    name = names.get(agent_id, "subagent") if is_subagent else row["what"]
    return SpanRow(
        span_id=f"subagent:{agent_id}" if is_subagent else f"{row['what']}:{row['id']}",
        parent_id=parent or around,
        kind=row["what"],
        name=name,
        started_ns=row["from_ns"],
        ended_ns=row["to_ns"],
        is_open=False,
        outcome=row["outcome"],
        error_type="",
        evidence=row["evidence"],
        waiting_for=(row["reason"] or "permission") if row["what"] == "wait" else "",
        prompt_id=row["prompt_id"],
        call_id=row["call_id"],
        agent_id=agent_id,
        wait_s=0.0,
        total_tokens=0,
        cost_usd=None,
    )


def _hook(row: Row, places: _Places) -> SpanRow:
    told: Mapping[str, str] = row["attributes"]
    name, prompt_id = told.get("hook_name", ""), told.get("prompt.id", "")
    started_ns = row["to_ns"] - round(number_of(told, "total_duration_ms") * 1e6)
    return SpanRow(
        span_id=f"hook:{row['to_ns']}:{name}",
        parent_id=places.turn(prompt_id, started_ns),
        kind="hook",
        name=name or told.get("hook_event", ""),
        started_ns=started_ns,
        ended_ns=row["to_ns"],
        is_open=False,
        outcome="failure" if any(number_of(told, each) > 0 for each in _TROUBLES) else "success",
        error_type="",
        evidence="observed",
        waiting_for="",
        prompt_id=prompt_id,
        call_id="",
        agent_id="",
        wait_s=0.0,
        total_tokens=0,
        cost_usd=None,
    )


def unique(spans: Iterable[SpanRow]) -> list[SpanRow]:
    """Return spans, each id once: a subagent that works on several prompts has a stretch of each."""
    seen: dict[str, int] = {}
    found = []
    for span in spans:
        n = seen[span.span_id] = seen.get(span.span_id, 0) + 1
        found.append(span if n == 1 else _renamed(span, n))
    return found


def _renamed(span: SpanRow, n: int) -> SpanRow:
    return replace(span, span_id=f"{span.span_id}#{n}")


def _ns(moment: str | None) -> int:
    return parse_iso(moment) or 0 if moment else 0
