"""From units to spans: names, times, parents and attributes, as `docs/data-model.md` section 3 has them.

Pure functions of a session and one of its units. A copy that is sent again ends later than the one before, by a nanosecond if
by nothing else, because of two copies with equal evidence the later end counts; one with better evidence may end earlier. No copy has the end
of an earlier one: the collector takes a span with the same id, start and end for one that it has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from hookline.agents.event import AgentEvent
from hookline.contract import semconv
from hookline.contract.events import SpanName, SpanOutcome
from hookline.contract.evidence import RANKS
from hookline.contract.ids import span_id, trace_id
from hookline.fold import known
from hookline.fold.model import OpenSession, RuleClosing, Sent, Subagent, Turn
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
    evidence: known.KnownBy = known.KnownBy()

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
    return Ending(event.time_ns, event.outcome or SpanOutcome.SUCCESS, event.error_type, event.error_text, evidence=known.by_event(event))


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


def turn_span(session: OpenSession, turn: Turn) -> SpanRecord:
    """Return the root span of a closed turn."""
    first = turn.first
    ending = ending_of(turn.ended) if turn.ended else required(turn.closing)
    attributes = common(session, first, turn.prompt_id) | ending.attributes
    attributes[semconv.OPERATION_NAME] = SpanName.INVOKE_AGENT
    if turn.prompt:
        attributes |= _prompt(turn.prompt)
    else:
        attributes[semconv.EVIDENCE_START] = known.DERIVED  # by the first that was heard of it
    if turn.ended and turn.ended.answer_text:
        attributes[semconv.OUTPUT_MESSAGES] = _message("assistant", turn.ended.answer_text)
    own_id = turn_span_id(session, turn.prompt_id)
    name = f"{SpanName.INVOKE_AGENT} {session.agent}"
    return make_span(session, turn.prompt_id, own_id, None, name, first.time_ns, ending, attributes, turn.sent)


def agent_span(session: OpenSession, agent: Subagent) -> SpanRecord:
    """Return the span of a closed subagent, under the call that started it."""
    ending = ending_of(agent.ended) if agent.ended else required(agent.closing)
    attributes = common(session, agent.first, agent.prompt_id) | ending.attributes
    attributes |= given({semconv.AGENT_ID: agent.id, semconv.AGENT_NAME: agent.type, semconv.REQUEST_MODEL: agent.model})
    attributes[semconv.OPERATION_NAME] = SpanName.INVOKE_AGENT
    if agent.started is None:
        attributes[semconv.EVIDENCE_START] = known.DERIVED
    if agent.is_background:
        attributes[semconv.TOOL_BACKGROUND] = True
    if agent.ended and agent.ended.answer_text:
        attributes[semconv.OUTPUT_MESSAGES] = _message("assistant", agent.ended.answer_text)
    parent = span_id("call", session.id, agent.call_id) if agent.call_id else turn_span_id(session, agent.prompt_id)
    own_id = agent_span_id(session, agent.id, agent.prompt_id)
    name = f"{SpanName.INVOKE_AGENT} {agent.type}".rstrip()
    return make_span(session, agent.prompt_id, own_id, parent, name, agent.first.time_ns, ending, attributes, agent.sent)


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


def _prompt(prompt: AgentEvent) -> Values:
    values = given(
        {
            semconv.PROMPT_LENGTH: prompt.prompt_length,
            semconv.PROMPT_HASH: prompt.prompt_hash,
            semconv.PROMPT_SOURCE: prompt.prompt_source,
        }
    )
    return values | ({semconv.INPUT_MESSAGES: _message("user", prompt.prompt_text)} if prompt.prompt_text else {})


def _message(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}], ensure_ascii=False)


def required(closing: RuleClosing | None) -> Ending:
    if closing is None:
        raise ValueError("the span of an open unit was asked for")
    return ending_by(closing)


def given(values: dict[str, AttributeValue | None]) -> Values:
    """Return the values without None and empty texts."""
    return {key: value for key, value in values.items() if value is not None and value != ""}
