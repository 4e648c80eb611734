"""What Qwen Code sends itself: its log records and spans, under the ids that its hooks and session files have.

Only a person's prompt is one (`<session>########<n>`); what subagents and the client itself ask for names others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.contract import qwen_native, semconv
from hookline.contract.events import EndReason
from hookline.contract.scopes import Source
from hookline_collector.signals.observations import Attributes, Observation, ObservationKind, RecordRule, SpanRule, Vocabulary

NAME: Final = "qwen-code"
WORDS: Final = Vocabulary(
    prompt=(qwen_native.SPAN_PROMPT_ID,),
    call=(semconv.TOOL_CALL_ID, qwen_native.CALL_ID),
    request=(qwen_native.RESPONSE_ID,),
    success=qwen_native.SUCCESS,
)
LABELS: Final = frozenset({qwen_native.MODEL, qwen_native.CALL_TOOL, qwen_native.CALL_ID, qwen_native.PROMPT_ID})
SILENT: Final = "qwen-code."  # of the names of records that say nothing that hooks do not, unless they are below
REFUSED: Final = "execution_denied"
GRANTED: Final = ("proceed", "modify", "accept", "auto_accept")  # how decisions begin that let a call run


def prompt_of(session_id: str, attributes: Attributes) -> str:
    """Return the id of a person's prompt; empty for what is none."""
    found = str(attributes.get(qwen_native.SPAN_PROMPT_ID) or attributes.get(qwen_native.PROMPT_ID) or "")
    return found if found.startswith(f"{session_id}{qwen_native.PERSONS_PROMPT}") else ""


def _prompt(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    prompt = prompt_of(session_id, attributes)
    seen = ObservationKind.PROMPT if prompt else ObservationKind.NOTE
    return Observation(session_id, time_ns, seen, source, prompt, prompt, attributes=attributes)


def _started(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    return Observation(session_id, time_ns, ObservationKind.STARTED, source, attributes=attributes)


def _ended(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    return Observation(session_id, time_ns, ObservationKind.ENDED, source, reason=EndReason.SESSION_END.value, attributes=attributes)


def _usage(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    """A request, named as the record from the session file names it: told twice it counts once."""
    prompt = prompt_of(session_id, attributes)
    given, cached = _number(attributes, qwen_native.INPUT_TOKENS), _number(attributes, qwen_native.CACHED_TOKENS)
    answered = max(_number(attributes, qwen_native.OUTPUT_TOKENS), _number(attributes, qwen_native.TOTAL_TOKENS) - given)
    own = {
        semconv.RESPONSE_MODEL: attributes.get(qwen_native.MODEL, ""),
        semconv.USAGE_UNCACHED_INPUT: max(0, given - cached),
        semconv.USAGE_CACHE_READ: cached,
        semconv.USAGE_OUTPUT: answered,
        semconv.USAGE_SIDECHAIN: not prompt,
    }
    told = {**{key: value for key, value in attributes.items() if key != qwen_native.MODEL}, **own}
    key = f"{semconv.RESPONSE_ID}={attributes.get(qwen_native.RESPONSE_ID) or time_ns}"
    return Observation(session_id, time_ns, ObservationKind.USAGE, source, key, prompt, attributes=told)


def _call_ended(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    is_denied = attributes.get(qwen_native.CALL_ERROR) == REFUSED or attributes.get(qwen_native.DECISION) == "reject"
    is_stopped = attributes.get(qwen_native.STATUS) == "cancelled"
    reason = "denied" if is_denied else "interrupted" if is_stopped else ""
    failed = WORDS.failed(attributes) and not reason
    told = {**attributes, semconv.TOOL_NAME: attributes.get(qwen_native.CALL_TOOL, "")}
    call, prompt = WORDS.call_of(attributes), prompt_of(session_id, attributes)
    return Observation(session_id, time_ns, ObservationKind.TOOL_ENDED, source, call, prompt, failed, reason, told)


def _turn(session_id: str, start_ns: int, end_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    if prompt := prompt_of(session_id, attributes):
        failed = attributes.get(qwen_native.TURN_STATUS) == "error"
        yield Observation(session_id, start_ns, ObservationKind.PROMPT, source, prompt, prompt, attributes=attributes)
        yield Observation(session_id, end_ns, ObservationKind.TURN_ENDED, source, prompt, prompt, failed, attributes=attributes, began_ns=start_ns)


def _asked(session_id: str, start_ns: int, end_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    """A person was asked of a call, and answered: it may run from now on, or is over."""
    if call := str(attributes.get(qwen_native.ASKED_CALL_ID) or ""):
        may_run = str(attributes.get(qwen_native.DECISION, "")).startswith(GRANTED)
        seen, reason = (ObservationKind.TOOL_RUNNING, "") if may_run else (ObservationKind.TOOL_ENDED, "denied")
        yield Observation(session_id, end_ns, seen, source, call, reason=reason, attributes=attributes)


def _number(attributes: Mapping[str, Any], name: str) -> int:
    try:
        return max(0, int(attributes.get(name) or 0))
    except (TypeError, ValueError):
        return 0


RECORDS: Final[dict[str, RecordRule]] = {
    qwen_native.PROMPT_RECORD: _prompt,
    qwen_native.RESPONSE_RECORD: _usage,
    qwen_native.REQUEST_FAILED_RECORD: WORDS.record(ObservationKind.NOTE),  # the client may try again
    qwen_native.CALL_RECORD: _call_ended,
    qwen_native.START_RECORD: _started,
    qwen_native.END_RECORD: _ended,
}
SPANS: Final[dict[str, SpanRule]] = {
    qwen_native.TURN_SPAN: _turn,
    qwen_native.ASKED_SPAN: _asked,
    qwen_native.CALL_SPAN: WORDS.span(ObservationKind.TOOL_STARTED, ObservationKind.TOOL_ENDED, WORDS.call_of),
}
