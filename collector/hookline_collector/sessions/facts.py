"""What is known of one session, as facts whose order of arrival does not matter.

A session is not a chain of transitions: signals come late, twice, from two sources and over several connections. So a
`Facts` keeps, by id, the earliest beginning and the latest end of each turn, call, wait and subagent, and sets of what
was counted; `add` only ever takes minima, maxima and unions. Two `Facts` that saw the same sightings in any order, any
number of times, are equal. What the session *is* at a moment is computed from them by `state.view`.

Three times say when: `last_ns` anything was heard, `active_ns` something was done (only that reopens an ended session), `fresh_ns` a process
began or ended it (nothing that began before goes on after).

Bounded: finished calls keep one number each (`_mark`), open ones a small record; both are capped by MAX_OPEN and MAX_IDS.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

from hookline import semconv
from hookline_collector.sessions.sighting import Seen, Sighting, Source

MAX_OPEN = 512
MAX_IDS = 50_000
_PLACE = {
    "project": semconv.PROJECT_NAME,
    "branch": semconv.VCS_HEAD_NAME,
    "user": semconv.USER_NAME,
    "host": semconv.HOST_NAME,
    "agent": semconv.SERVICE_NAME,
}
_MODEL_KEYS = (semconv.RESPONSE_MODEL, semconv.REQUEST_MODEL, "model")
START_SLACK_NS = 1_000_000_000  # a session's start may be stamped a little after its first prompt
_PROCESS_ENDS = frozenset({"session_end", "process_gone"})
_NO_WORK = frozenset({Seen.ENDED, Seen.NOTE, Seen.IDLE_NOTICE, Seen.LIMITS})


@dataclass(slots=True)
class Span:
    """An interval under way or over: the earliest beginning and the latest end that were told (0 is unknown)."""

    started_ns: int = 0
    ended_ns: int = 0
    label: str = ""
    agent_id: str = ""
    reason: str = ""

    def begin(self, time_ns: int) -> None:
        """Take an earlier beginning."""
        self.started_ns = min(self.started_ns, time_ns) if self.started_ns else time_ns

    def end(self, time_ns: int) -> None:
        """Take a later end."""
        self.ended_ns = max(self.ended_ns, time_ns)

    @property
    def is_open(self) -> bool:
        """Whether no end is known at or after the beginning."""
        return self.ended_ns < self.started_ns or self.ended_ns == 0


@dataclass(slots=True)
class Tokens:
    """Tokens and cost (in millionths of a dollar, so that sums are exact) of one source; a request counts once."""

    requests: set[int] = field(default_factory=set)
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_creation: int = 0
    cost_micros: int = 0


@dataclass(slots=True)
class Facts:
    """Everything known of one session."""

    session_id: str
    first_ns: int = 0
    last_ns: int = 0
    active_ns: int = 0
    fresh_ns: int = 0
    sources: set[str] = field(default_factory=set)
    place: dict[str, tuple[int, str]] = field(default_factory=dict)
    model: tuple[int, str] = (0, "")
    pid: tuple[int, str, str] = (0, "", "")
    previous_id: tuple[int, str] = (0, "")
    start_source: tuple[int, str] = (0, "")
    turns: dict[str, Span] = field(default_factory=dict)
    calls: dict[str, Span] = field(default_factory=dict)
    waits: dict[str, Span] = field(default_factory=dict)
    subagents: dict[str, Span] = field(default_factory=dict)
    interactions: dict[str, Span] = field(default_factory=dict)
    prompt_ids: set[int] = field(default_factory=set)
    call_ids: set[int] = field(default_factory=set)
    failed_ids: set[int] = field(default_factory=set)
    batches: dict[str, int] = field(default_factory=dict)
    idle_notice_ns: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    reported_cost: tuple[int, float] = (0, 0.0)

    def turn_end_ns(self, turn: Span) -> int:
        """End of a turn: its own, or that of the interaction in which it began; 0 while neither is known."""
        if not turn.is_open:
            return turn.ended_ns
        return max((told.ended_ns for told in self.interactions.values() if told.started_ns <= turn.started_ns <= told.ended_ns), default=0)

    def is_batch_over(self, span: Span) -> bool:
        """Whether the agent that a call or wait belongs to ended a batch after it began."""
        return self.batches.get(span.agent_id, 0) > span.started_ns

    def add(self, s: Sighting) -> None:
        """Take one sighting in. The result does not depend on order or repetition."""
        _ADD[s.seen](self, s)
        if s.source is not Source.COLLECTOR and s.attributes.get(semconv.SIGNAL_SOURCE) != "collector":
            self._touch(s)

    def _touch(self, s: Sighting) -> None:
        if s.seen is not Seen.ENDED or s.reason == "session_end":
            self.first_ns = min(self.first_ns or s.time_ns, s.time_ns)
            self.last_ns = max(self.last_ns, s.time_ns)
        if s.seen not in _NO_WORK and semconv.CLOSED_BY not in s.attributes:
            self.active_ns = max(self.active_ns, s.time_ns)
        self.sources.add(s.source.value)
        for name, key in _PLACE.items():
            if value := s.attributes.get(key):
                self.place[name] = max(self.place.get(name, (0, "")), (s.time_ns, str(value)))
        for key in _MODEL_KEYS:
            if (value := s.attributes.get(key)) and not _is_subagents(s):
                self.model = max(self.model, (s.time_ns, str(value)))
                break
        if pid := s.attributes.get(semconv.PROCESS_PID):
            self.pid = max(self.pid, (s.time_ns, str(pid), str(s.attributes.get(semconv.PROCESS_CREATION_TIME, ""))))
        if previous := s.attributes.get(semconv.SESSION_PREVIOUS_ID):
            self.previous_id = max(self.previous_id, (s.time_ns, str(previous)))


def _is_subagents(s: Sighting) -> bool:
    a = s.attributes
    is_sidechain = str(a.get("hookline.usage.sidechain", "")).lower() == "true"
    return bool(a.get(semconv.AGENT_ID) or a.get("agent_id")) or is_sidechain or str(a.get("query_source", "")).startswith("agent")


def mark(text: str) -> int:
    """Return a number that stands for an id in a set (a CRC and the length: 40 bits, enough to tell a session's calls apart)."""
    data = text.encode()
    return zlib.crc32(data) << 8 | zlib.adler32(data) & 0xFF


def _span_of(spans: dict[str, Span], key: str) -> Span:
    span = spans.get(key)
    if span is None:
        if len(spans) >= MAX_OPEN:
            _drop_oldest_closed(spans)
        span = spans[key] = Span()
    return span


def _drop_oldest_closed(spans: dict[str, Span]) -> None:
    closed = sorted((span.ended_ns, key) for key, span in spans.items() if not span.is_open)
    for _, key in closed[: MAX_OPEN // 2] or [(0, next(iter(spans)))]:
        del spans[key]


def _count(ids: set[int], key: str) -> None:
    if len(ids) < MAX_IDS:
        ids.add(mark(key))


def _started(facts: Facts, s: Sighting) -> None:
    if s.reason != "compact":
        facts.fresh_ns = max(facts.fresh_ns, s.time_ns - START_SLACK_NS)
    facts.start_source = max(facts.start_source, (s.time_ns, s.reason))


def _prompt(facts: Facts, s: Sighting) -> None:
    key = s.key or s.prompt_id
    _span_of(facts.turns, key).begin(s.time_ns)
    _count(facts.prompt_ids, key)


def _turn_ended(facts: Facts, s: Sighting) -> None:
    _span_of(facts.turns, s.key or s.prompt_id).end(s.time_ns)


def _call(facts: Facts, s: Sighting) -> Span:
    call = _span_of(facts.calls, s.key)
    call.label = max(call.label, str(s.attributes.get(semconv.TOOL_NAME) or s.attributes.get("tool_name") or ""))
    call.agent_id = max(call.agent_id, str(s.attributes.get(semconv.AGENT_ID) or s.attributes.get("agent_id") or ""))
    _count(facts.call_ids, s.key)
    return call


def _tool_started(facts: Facts, s: Sighting) -> None:
    _call(facts, s).begin(s.time_ns)


def _tool_running(facts: Facts, s: Sighting) -> None:
    """The client lets a call run: whoever waited for that has an answer."""
    if s.key:
        _call(facts, s).begin(s.time_ns)
        _span_of(facts.waits, s.key).end(s.time_ns)


def _tool_ended(facts: Facts, s: Sighting) -> None:
    if not s.key:
        return
    _call(facts, s).end(s.time_ns)
    _span_of(facts.waits, s.key).end(s.time_ns)
    if s.failed:
        _count(facts.failed_ids, s.key)


def _batch_ended(facts: Facts, s: Sighting) -> None:
    agent_id = str(s.attributes.get(semconv.AGENT_ID, ""))
    if agent_id in facts.batches or len(facts.batches) < MAX_OPEN:
        facts.batches[agent_id] = max(facts.batches.get(agent_id, 0), s.time_ns)


def _wait_started(facts: Facts, s: Sighting) -> None:
    wait = _span_of(facts.waits, s.key or f"at {s.time_ns}")
    wait.begin(s.time_ns)
    wait.reason = max(wait.reason, s.reason or str(s.attributes.get(semconv.WAIT_REASON, "")))
    wait.label = max(wait.label, str(s.attributes.get(semconv.TOOL_NAME, "")))
    wait.agent_id = max(wait.agent_id, str(s.attributes.get(semconv.AGENT_ID, "")))


def _wait_ended(facts: Facts, s: Sighting) -> None:
    if s.key:
        _span_of(facts.waits, s.key).end(s.time_ns)


def _subagent_started(facts: Facts, s: Sighting) -> None:
    agent = _span_of(facts.subagents, s.key)
    agent.begin(s.time_ns)
    agent.label = max(agent.label, str(s.attributes.get(semconv.AGENT_NAME, "")))


def _subagent_ended(facts: Facts, s: Sighting) -> None:
    _span_of(facts.subagents, s.key).end(s.time_ns)


def _interaction(facts: Facts, s: Sighting) -> None:
    told = _span_of(facts.interactions, s.key)
    told.begin(int(s.key))
    told.end(s.time_ns)


def _idle_notice(facts: Facts, s: Sighting) -> None:
    facts.idle_notice_ns = max(facts.idle_notice_ns, s.time_ns)


def _usage(facts: Facts, s: Sighting) -> None:
    tokens = facts.tokens.setdefault("native" if s.source is Source.NATIVE else "transcript", Tokens())
    key = mark(f"{s.key} {s.time_ns}" if s.key.startswith("event.sequence") or not s.key else s.key)
    if key in tokens.requests or len(tokens.requests) >= MAX_IDS:
        return
    tokens.requests.add(key)
    a = s.attributes
    tokens.input += _int(a, "input_tokens", "hookline.usage.uncached_input_tokens")
    tokens.cache_read += _int(a, "cache_read_tokens", semconv.USAGE_CACHE_READ)
    tokens.cache_creation += _int(a, "cache_creation_tokens", semconv.USAGE_CACHE_CREATION)
    tokens.output += _int(a, "output_tokens", semconv.USAGE_OUTPUT)
    tokens.cost_micros += round(float(a.get("cost_usd") or 0.0) * 1e6)


def _limits(facts: Facts, s: Sighting) -> None:
    if (cost := s.attributes.get("hookline.cost.usd")) is not None:
        facts.reported_cost = max(facts.reported_cost, (s.time_ns, float(cost)))


def _ended(facts: Facts, s: Sighting) -> None:
    reason = s.reason or "session_end"
    facts.ends[reason] = max(facts.ends.get(reason, 0), s.time_ns)
    if reason in _PROCESS_ENDS:
        facts.fresh_ns = max(facts.fresh_ns, s.time_ns)


def _note(facts: Facts, s: Sighting) -> None:
    del facts, s


def _int(attributes: Any, *names: str) -> int:
    for name in names:
        if (value := attributes.get(name)) is not None:
            return int(float(value))
    return 0


_ADD = {
    Seen.STARTED: _started,
    Seen.PROMPT: _prompt,
    Seen.TURN_ENDED: _turn_ended,
    Seen.TOOL_STARTED: _tool_started,
    Seen.TOOL_RUNNING: _tool_running,
    Seen.TOOL_ENDED: _tool_ended,
    Seen.BATCH_ENDED: _batch_ended,
    Seen.WAIT_STARTED: _wait_started,
    Seen.WAIT_ENDED: _wait_ended,
    Seen.SUBAGENT_STARTED: _subagent_started,
    Seen.SUBAGENT_ENDED: _subagent_ended,
    Seen.INTERACTION: _interaction,
    Seen.IDLE_NOTICE: _idle_notice,
    Seen.USAGE: _usage,
    Seen.LIMITS: _limits,
    Seen.ENDED: _ended,
    Seen.NOTE: _note,
}
