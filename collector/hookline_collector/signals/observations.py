"""An observation: what one span or log record says about one session; and the rules that make one.

A `RecordRule` makes the observation of one log record, a `SpanRule` those of one finished span: its beginning and its end. The
tables of rules by names stand in `hooks` and in the modules of native telemetry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hookline.contract import semconv
from hookline.contract.scopes import Source

Attributes = Mapping[str, Any]


class ObservationKind(StrEnum):
    """What was seen of a session."""

    STARTED = "started"
    PROMPT = "prompt"
    TURN_ENDED = "turn_ended"
    INTERRUPTED = "interrupted"
    TOOL_STARTED = "tool_started"
    TOOL_RUNNING = "tool_running"
    TOOL_ENDED = "tool_ended"
    BATCH_ENDED = "batch_ended"
    WAIT_STARTED = "wait_started"
    WAIT_ENDED = "wait_ended"
    ANSWERED = "answered"
    WAIT_NOTICE = "wait_notice"
    ANSWER_NOTICE = "answer_notice"
    SUBAGENT_STARTED = "subagent_started"
    SUBAGENT_ENDED = "subagent_ended"
    BACKGROUND_STARTED = "background_started"
    BACKGROUND_ENDED = "background_ended"
    SUSPENDED = "suspended"
    INTERACTION = "interaction"
    IDLE_NOTICE = "idle_notice"
    USAGE = "usage"
    LIMITS = "limits"
    ENDED = "ended"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Observation:
    """One fact about a session at a time. `key` names the call, prompt, agent, wait or request that it is about; of an interaction its beginning.

    `began_ns` is only there for the end of a span: when the span began.
    """

    session_id: str
    time_ns: int
    seen: ObservationKind
    source: Source
    key: str = ""
    prompt_id: str = ""
    failed: bool = False
    reason: str = ""
    attributes: Attributes = field(default_factory=dict)
    began_ns: int = 0


Key = Callable[[Attributes], str]
RecordRule = Callable[[str, int, Attributes, Source], Observation]
SpanRule = Callable[[str, int, int, Attributes, Source], Iterator[Observation]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Under which attributes a telemetry names what an observation is about; the first that is there counts."""

    prompt: tuple[str, ...]
    call: tuple[str, ...]
    request: tuple[str, ...]
    success: str = ""  # an attribute that is "false" where something failed
    session: tuple[str, ...] = (semconv.SESSION_ID,)

    def prompt_of(self, attributes: Attributes) -> str:
        """Return the prompt's id."""
        return first_of(attributes, self.prompt)

    def call_of(self, attributes: Attributes) -> str:
        """Return the tool call's id."""
        return first_of(attributes, self.call)

    def request_of(self, attributes: Attributes) -> str:
        """Return what names a request to the model, with the attribute that does."""
        for name in self.request:
            if value := attributes.get(name):
                return f"{name}={value}"
        return ""

    def failed(self, attributes: Attributes) -> bool:
        """Whether something failed; a call that was denied or interrupted did not."""
        if outcome := attributes.get(semconv.OUTCOME):
            return bool(outcome == "failure")
        is_false = bool(self.success) and str(attributes.get(self.success, "true")).lower() == "false"
        return is_false or semconv.ERROR_TYPE in attributes

    def record(self, seen: ObservationKind, key: Key | None = None, *, reason: str = "", reason_from: str = "") -> RecordRule:
        """Return the rule of a kind of record. `reason` is what it means, `reason_from` the attribute that says it."""
        key_of = key or self.prompt_of

        def make(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
            why = str(attributes.get(reason_from, "")) if reason_from else reason
            prompt, failed = self.prompt_of(attributes), self.failed(attributes)
            return Observation(session_id, time_ns, seen, source, key_of(attributes), prompt, failed, why, attributes)

        return make

    def span(self, begun: ObservationKind, ended: ObservationKind, key: Key) -> SpanRule:
        """Return the rule of a kind of span; one whose key is empty says nothing, unless it is a turn."""

        def make(session_id: str, start_ns: int, end_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
            own = key(attributes)
            if not own and begun is ObservationKind.TOOL_STARTED:
                return
            prompt, failed = self.prompt_of(attributes), self.failed(attributes)
            asked_ns = int(attributes.get(semconv.TOOL_REQUESTED_AT, 0)) if begun is ObservationKind.TOOL_STARTED else 0
            yield Observation(session_id, asked_ns or start_ns, begun, source, own, prompt, attributes=attributes)
            reason = str(attributes.get(semconv.OUTCOME, ""))
            yield Observation(session_id, end_ns, ended, source, own, prompt, failed, reason, attributes, began_ns=start_ns)

        return make


def first_of(attributes: Attributes, names: tuple[str, ...]) -> str:
    """Return the first of some attributes that says anything."""
    return next((str(value) for name in names if (value := attributes.get(name))), "")


def plain(attributes: Any) -> dict[str, Any]:
    """Return OTLP attributes as a plain mapping; an array as its texts, other nested values are left out."""
    found = {}
    for pair in attributes:
        kind = pair.value.WhichOneof("value")
        if kind in ("string_value", "int_value", "double_value", "bool_value"):
            found[pair.key] = getattr(pair.value, kind)
        elif kind == "array_value":
            found[pair.key] = tuple(value.string_value for value in pair.value.array_value.values)
    return found


def whole(attributes: Mapping[str, Any], *names: str) -> int:
    """Return the whole number under the first of the names that is there, 0 where none is. Raises ValueError for what is no number."""
    return next((int(float(value)) for name in names if (value := attributes.get(name)) is not None), 0)


def texts(value: Any) -> tuple[str, ...] | None:
    """Return the texts of an array as it came, or as the store keeps it (JSON); None where there is none."""
    if isinstance(value, tuple) or value is None:
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return tuple(map(str, found)) if isinstance(found, list) else None
