"""What the spans of all units share: ids, times, parents and attributes, as `docs/data-model.md` section 3 has them.

Pure functions of a session and one of its units. A copy that is sent again ends later than the one before, by a nanosecond if
by nothing else, because of two copies with equal evidence the later end counts; one with better evidence may end earlier. No copy has the end
of an earlier one: the collector takes a span with the same id, start and end for one that it has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from hookline.agent_event import AgentEvent
from hookline.contract import semconv
from hookline.contract.events import SpanOutcome
from hookline.contract.evidence import RANKS
from hookline.contract.ids import span_id, trace_id
from hookline.fold.known_by import KnownBy, by_event
from hookline.fold.model import OpenSession, RuleClosing, Sent
from hookline.records import AttributeValue, SpanRecord

MAX_ENDS = 8  # ends of a span's copies that are remembered

Values = dict[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a span ended."""

    end_ns: int
    outcome: SpanOutcome
    error_type: str = ""
    error_text: str = ""
    closed_by: str = ""
    evidence: KnownBy = KnownBy()

    @property
    def error(self) -> str | None:
        """Message of a status Error, None for a status Unset."""
        return (self.error_text or self.error_type) if self.error_type else None

    @property
    def attributes(self) -> Values:
        """Outcome, error type, closing rule, and how all that is known."""
        return given(
            {
                semconv.OUTCOME: str(self.outcome),
                semconv.ERROR_TYPE: self.error_type,
                semconv.CLOSED_BY: self.closed_by,
                semconv.EVIDENCE: self.evidence.kind,
                semconv.EVIDENCE_SOURCE: self.evidence.source,
            }
        )


def ending_of(event: AgentEvent) -> Ending:
    """Return the ending that a unit's own end brings."""
    return Ending(event.time_ns, event.outcome or SpanOutcome.SUCCESS, event.error_type, event.error_text, evidence=by_event(event))


def ending_by(closing: RuleClosing) -> Ending:
    """Return the ending that a rule brings."""
    return Ending(closing.end_ns, closing.outcome, closing.error_type, closed_by=closing.by, evidence=closing.evidence)


def sent_of(span: SpanRecord, before: Sent) -> Sent:
    """Return what is remembered of a copy that is sent after another."""
    return Sent(span.end_ns, RANKS[str(span.attributes[semconv.EVIDENCE])], (*before.ends, span.end_ns)[-MAX_ENDS:])


def turn_span_id(session: OpenSession, prompt_id: str) -> int:
    """Return the id of a prompt's root span."""
    return span_id("turn", session.id, prompt_id)


def agent_span_id(session: OpenSession, agent_id: str, prompt_id: str) -> int:
    """Return the id of a subagent's span; an agent that is sent on in a later prompt has one in each."""
    return span_id("agent", session.id, agent_id, prompt_id)


def parent_id(session: OpenSession, agent_id: str, prompt_id: str) -> int:
    """Return the id of the span under which something runs: its subagent's, else its turn's."""
    return agent_span_id(session, agent_id, prompt_id) if agent_id else turn_span_id(session, prompt_id)


def make_span(
    session: OpenSession,
    prompt_id: str,
    own_id: int,
    parent: int | None,
    name: str,
    start_ns: int,
    ending: Ending,
    attributes: Values,
    sent: Sent = Sent(),  # noqa: B008 - frozen
) -> SpanRecord:
    """Return a unit's span; `sent` is the copy of it that was sent before."""
    is_better = ending.evidence.rank > sent.rank
    end_ns = max(ending.end_ns, start_ns, sent.end_ns + 1 if sent and not is_better else 0)
    is_momentary = end_ns == start_ns
    while end_ns in sent.ends:
        end_ns += 1
    start_ns = end_ns if is_momentary else start_ns
    trace = trace_id(session.agent, session.id, prompt_id)
    return SpanRecord(trace, own_id, parent, name, start_ns, end_ns, attributes, ending.error, session.agent)


def common(session: OpenSession, event: AgentEvent, prompt_id: str) -> Values:
    """Return what every span carries."""
    values: Values = {
        semconv.SESSION_ID: session.id,
        semconv.CONVERSATION_ID: session.id,
        semconv.PROVIDER_NAME: event.provider or session.agent,
        semconv.AGENT_NAME: (event.agent_id and event.agent_type) or session.agent,
        semconv.CAPTURE_LEVEL: event.capture_level,
        semconv.SIGNAL_SOURCE: event.source,
        **event.place.attributes,
    }
    return values | given(
        {
            semconv.AGENT_ID: event.agent_id,
            semconv.PROMPT_ID: prompt_id,
            semconv.PROCESS_PID: event.pid,
            semconv.PROCESS_CREATION_TIME: event.process_created,
            semconv.REQUEST_MODEL: event.model or (session.model if not event.agent_id else ""),
            semconv.PERMISSION_MODE: event.permission_mode,
            semconv.EFFORT: event.effort,
            **started_by(event),
        }
    )


def started_by(event: AgentEvent) -> dict[str, AttributeValue | None]:
    """Return how an event's client was started, and whether a person sits at it, where that is known."""
    if not event.entrypoint:
        return {}
    return {semconv.ENTRYPOINT: event.entrypoint, semconv.INTERACTIVE: "false" if event.is_attended is False else "true"}


def message(role: str, text: str) -> str:
    """Return a text as the conventions write a message."""
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}], ensure_ascii=False)


def required(closing: RuleClosing | None) -> Ending:
    """Return the ending of a unit that has no end of its own. Raises ValueError for an open one."""
    if closing is None:
        raise ValueError("the span of an open unit was asked for")
    return ending_by(closing)


def given(values: dict[str, AttributeValue | None]) -> Values:
    """Return the values without None and empty texts."""
    return {key: value for key, value in values.items() if value is not None and value != ""}
