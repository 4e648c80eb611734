"""What Gemini CLI sends itself: of its log records those of sessions that begin and of requests to models, for the live view.

It names a session as hooks do, but no prompt (`prompt_id` is the session's id, or a subagent's and a number) and in its records no call: prompts,
calls and subagents are the hooks', or each would stand twice. What it adds is each request as soon as it is answered, with how long that took, and
the requests by which the client chooses a model or does something else for itself, which stand in no session file (`role`). Of tokens the live view
takes the source that knows of more requests, so what the session file tells as well counts once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hookline.contract import gemini_native, semconv
from hookline.contract.scopes import Source
from hookline_collector.signals.observations import Attributes, Observation, ObservationKind, RecordRule, SpanRule, Vocabulary

NAME: Final = "gemini-cli"
WORDS: Final = Vocabulary(prompt=(), call=(), request=())
LABELS: Final = frozenset({gemini_native.MODEL, gemini_native.ROLE, gemini_native.PROMPT_ID})
SILENT: Final = gemini_native.PREFIX  # of the names of records that say nothing that hooks do not, unless they are below


def _started(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    return Observation(session_id, time_ns, ObservationKind.STARTED, source, attributes=attributes)


def _usage(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    """A request, known by its moment and its model: it has no id. What was thought is output."""
    cached = _count(attributes, gemini_native.CACHED_TOKENS)
    model = str(attributes.get(gemini_native.MODEL, ""))
    told = {
        semconv.SERVICE_NAME: NAME,
        semconv.RESPONSE_MODEL: model,
        semconv.DURATION_MS: _count(attributes, gemini_native.DURATION_MS),
        semconv.USAGE_UNCACHED_INPUT: max(0, _count(attributes, gemini_native.INPUT_TOKENS) - cached),
        semconv.USAGE_CACHE_READ: cached,
        semconv.USAGE_OUTPUT: _count(attributes, gemini_native.OUTPUT_TOKENS) + _count(attributes, gemini_native.THOUGHT_TOKENS),
        semconv.USAGE_SIDECHAIN: not str(attributes.get(gemini_native.PROMPT_ID, "")).startswith(session_id),
    }
    return Observation(session_id, time_ns, ObservationKind.USAGE, source, f"{model}@{time_ns}", attributes=told)


def _count(attributes: Mapping[str, Any], name: str) -> int:
    try:
        return max(0, int(float(attributes.get(name) or 0)))
    except (TypeError, ValueError, OverflowError):
        return 0


RECORDS: Final[dict[str, RecordRule]] = {
    gemini_native.START_RECORD: _started,
    gemini_native.RESPONSE_RECORD: _usage,
    gemini_native.REQUEST_FAILED_RECORD: WORDS.record(ObservationKind.NOTE, lambda attributes: ""),
}
SPANS: Final[dict[str, SpanRule]] = {}
