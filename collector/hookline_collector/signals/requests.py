"""From OTLP to observations.

`observations(signal, message)` reads a parsed export request of the agents' scopes (from hooks, from transcripts, or the
agents' own telemetry); everything else passes by. A record that says nothing about a session, or whose session is Hookline's
own probe, yields nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hookline.contract import semconv
from hookline.contract.events import RECORD_PREFIX
from hookline.contract.scopes import Source, is_probe
from hookline_collector.signal import Signal
from hookline_collector.signals import claude_code, codex, copilot_cli, gemini_cli, hooks, qwen_code
from hookline_collector.signals.observations import Attributes, Observation, ObservationKind, RecordRule, SpanRule, first_of, plain

NATIVES: Final = (claude_code, codex, copilot_cli, gemini_cli, qwen_code)  # modules of agents' own telemetry; of one name the first one's rule counts
DEFAULT_AGENT: Final = NATIVES[0].NAME  # whom hints to a person name
EVENT_NAME: Final = "event.name"  # where a record names itself by an attribute
_NATIVE_RECORDS: Final[dict[str, RecordRule]] = {name: rule for native in reversed(NATIVES) for name, rule in native.RECORDS.items()}
_NATIVE_SPANS: Final[dict[str, SpanRule]] = {name: rule for native in reversed(NATIVES) for name, rule in native.SPANS.items()}
_SILENT: Final[tuple[str, ...]] = tuple(native.SILENT for native in NATIVES if native.SILENT)
_SESSION: Final = tuple(dict.fromkeys(name for words in (hooks.WORDS, *(native.WORDS for native in NATIVES)) for name in words.session))
_PROMPT: Final = tuple(dict.fromkeys(name for words in (hooks.WORDS, *(native.WORDS for native in NATIVES)) for name in words.prompt))


def observations(signal: Signal, message: Any) -> Iterator[Observation]:
    """Yield what a parsed Export<Signal>ServiceRequest says about sessions, in its own order."""
    if signal is Signal.LOGS:
        yield from _of_logs(message)
    elif signal is Signal.TRACES:
        yield from _of_traces(message)


def _of_logs(message: Any) -> Iterator[Observation]:
    for resource in message.resource_logs:
        shared = None
        for scope in resource.scope_logs:
            source = Source.of(scope.scope.name)
            if source is None:
                continue
            shared = plain(resource.resource.attributes) if shared is None else shared
            for record in scope.log_records:
                attributes = {**shared, **plain(record.attributes)}
                told = str(attributes.get(EVENT_NAME, ""))  # of some agents the record's own name is a line of their source
                name = told or record.event_name if source is Source.NATIVE else record.event_name or told
                yield from of_log(name, record.time_unix_nano or record.observed_time_unix_nano, attributes, source)


def _of_traces(message: Any) -> Iterator[Observation]:
    for resource in message.resource_spans:
        shared = None
        for scope in resource.scope_spans:
            source = Source.of(scope.scope.name)
            if source is None:
                continue
            shared = plain(resource.resource.attributes) if shared is None else shared
            for span in scope.spans:
                yield from of_span(span.name, span.start_time_unix_nano, span.end_time_unix_nano, {**shared, **plain(span.attributes)}, source)


def of_log(name: str, time_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    """Yield what one log record says. Also called when sessions are rebuilt from `otel_logs`, with values as text."""
    session_id = first_of(attributes, _SESSION) if source is Source.NATIVE else str(attributes.get(semconv.SESSION_ID, ""))
    if not session_id or is_probe(session_id):
        return
    rule = _NATIVE_RECORDS.get(name) if source is Source.NATIVE else hooks.RECORDS.get(name.removeprefix(RECORD_PREFIX))
    if rule is None and source is Source.NATIVE and name.startswith(_SILENT):
        return
    if rule is None:
        prompt = first_of(attributes, _PROMPT)
        yield Observation(session_id, time_ns, ObservationKind.NOTE, source, prompt_id=prompt, attributes=attributes)
        return
    yield rule(session_id, time_ns, attributes, source)


def of_span(name: str, start_ns: int, end_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    """Yield what one finished span says: its beginning and its end."""
    session_id = first_of(attributes, _SESSION) if source is Source.NATIVE else str(attributes.get(semconv.SESSION_ID, ""))
    if not session_id or is_probe(session_id):
        return
    rule = (_NATIVE_SPANS if source is Source.NATIVE else hooks.SPANS).get(name.partition(" ")[0])
    if rule is not None:
        yield from rule(session_id, start_ns, end_ns, attributes, source)
