"""What Claude Code sends itself: its log records and spans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hookline.contract import claude_native, semconv
from hookline.contract.scopes import Source
from hookline_collector.signals.observations import Attributes, Observation, ObservationKind, RecordRule, SpanRule, Vocabulary

NAME: Final = "claude-code"
WORDS: Final = Vocabulary(
    prompt=(semconv.PROMPT_ID, claude_native.PROMPT_ID),
    call=(semconv.TOOL_CALL_ID, claude_native.CALL_ID),
    request=(claude_native.REQUEST_ID, semconv.REQUEST_ID, semconv.RESPONSE_ID, claude_native.EVENT_SEQUENCE),
    success=claude_native.SUCCESS,
)
SILENT: Final = ""
LABELS: Final = frozenset({claude_native.MODEL, claude_native.TOOL_NAME, claude_native.CALL_ID, claude_native.PROMPT_ID, claude_native.EVENT_NAME})


def _prompt(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    """A command that the client carries out itself (/model, /quit) asks no model for anything."""
    seen = ObservationKind.NOTE if attributes.get(claude_native.COMMAND_SOURCE) == "builtin" else ObservationKind.PROMPT
    prompt = WORDS.prompt_of(attributes)
    return Observation(session_id, time_ns, seen, source, prompt, prompt, attributes=attributes)


def _decision(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    is_rejected = attributes.get(claude_native.DECISION) == "reject"
    seen, why = (ObservationKind.TOOL_ENDED, "denied") if is_rejected else (ObservationKind.TOOL_RUNNING, "")
    call, prompt = WORDS.call_of(attributes), WORDS.prompt_of(attributes)
    return Observation(session_id, time_ns, seen, source, call, prompt, reason=why, attributes=attributes)


_TURN: Final = WORDS.span(ObservationKind.PROMPT, ObservationKind.TURN_ENDED, WORDS.prompt_of)


def _interaction(session_id: str, start_ns: int, end_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    """A turn; one that names no prompt is found by its times."""
    if WORDS.prompt_of(attributes):
        yield from _TURN(session_id, start_ns, end_ns, attributes, source)
    else:
        yield Observation(session_id, end_ns, ObservationKind.INTERACTION, source, str(start_ns), attributes=attributes)


_SHORT: Final[dict[str, RecordRule]] = {
    claude_native.PROMPT_RECORD: _prompt,
    claude_native.REQUEST_RECORD: WORDS.record(ObservationKind.USAGE, WORDS.request_of),
    claude_native.DECISION_RECORD: _decision,
    claude_native.RESULT_RECORD: WORDS.record(ObservationKind.TOOL_ENDED, WORDS.call_of),
    claude_native.REQUEST_FAILED_RECORD: WORDS.record(ObservationKind.NOTE),
}
RECORDS: Final = {**_SHORT, **{f"{claude_native.PREFIX}{name}": rule for name, rule in _SHORT.items()}}  # the client writes either
SPANS: Final[dict[str, SpanRule]] = {
    claude_native.TURN_SPAN: _interaction,
    claude_native.CALL_SPAN: WORDS.span(ObservationKind.TOOL_STARTED, ObservationKind.TOOL_ENDED, lambda a: str(a.get(semconv.TOOL_CALL_ID) or "")),
}
