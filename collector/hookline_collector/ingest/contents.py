"""Texts of people and agents in telemetry that passed no relay: dropped by the capture level, redacted and cut, before anything is journaled.

Hookline's own scopes are left alone: their relay has done this, by the level of each project, which it alone knows. Everybody else's texts keep to
`capture.level` of this collector. Which attributes hold texts says `contract.content`: an agent's own names under its own scopes, the semantic
conventions' under any. What is not text any more after that (a dropped prompt's record) is stored as ever.

A request whose bytes hold neither an agent's scope nor a name of the conventions costs one search, and is not walked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from hookline.contract.content import CONVENTIONS, CONVENTIONS_PREFIX, RESOURCE, ContentKind, contents_of
from hookline.contract.scopes import AGENT_SCOPE, COLLECTOR_SCOPE, HISTORY_SCOPE
from hookline.privacy.redact import Redactor
from hookline.settings.schema import CaptureSettings
from hookline_collector.signal import Signal
from hookline_collector.wire.searching import holds

OWN_SCOPES: Final = frozenset({AGENT_SCOPE, HISTORY_SCOPE, COLLECTOR_SCOPE})
_KEPT: Final[Mapping[str, frozenset[ContentKind]]] = {
    "metadata": frozenset({ContentKind.NAME}),
    "inputs": frozenset({ContentKind.NAME, ContentKind.INPUT}),
    "full": frozenset(ContentKind),
}
_GROUPS: Final = {Signal.TRACES: "spans", Signal.LOGS: "logs", Signal.METRICS: "metrics"}
_MARK: Final = CONVENTIONS_PREFIX.encode()


class CapturedContents:
    """The rules of the settings, made ready."""

    def __init__(self, capture: CaptureSettings) -> None:
        self._kept = _KEPT[capture.level]
        self._max_chars = capture.max_value_chars
        self._redactor = Redactor(capture.redact_extra)

    def clean(self, signal: Signal, message: Any, *, has_conventions: bool) -> bool:
        """Drop and redact the texts of a request; return whether there were any. `has_conventions`: what `mentions_conventions` says of its bytes."""
        starts = [self._clean(resource.attributes, RESOURCE) for resource in _resources_of_agents(signal, message)]
        found = any(start is not None for start in starts)
        for part in _parts(signal, message):
            names = contents_of(part.scope.name)
            if part.scope.name not in OWN_SCOPES and (names is not None or has_conventions):
                found = self._clean_part(signal, part, is_agents=names is not None) or found
        return found

    def _clean_part(self, signal: Signal, part: Any, *, is_agents: bool) -> bool:
        found, names = False, _with_conventions(part.scope.name)
        for holder in _holders(signal, part):
            dropped = self._clean(holder.attributes, names)
            is_changed = signal is Signal.LOGS and self._clean_body(holder, is_agents=is_agents, has_dropped=dropped is True)
            found = found or dropped is not None or is_changed
        return found

    def _clean(self, attributes: Any, names: Mapping[str, ContentKind]) -> bool | None:
        """Clean one item's attributes; return whether some were dropped, None where there was no text."""
        held = [n for n, attribute in enumerate(attributes) if attribute.key in names]
        if not held:
            return None
        dropped = [n for n in held if names[attributes[n].key] not in self._kept]
        for n in held:
            if n not in dropped:
                self._scrub(attributes[n].value)
        for n in reversed(dropped):
            del attributes[n]
        return bool(dropped)

    def _clean_body(self, record: Any, *, is_agents: bool, has_dropped: bool) -> bool:
        """Clean a log record's body: an agent's tells its attributes in words, and a record of the conventions has its content there."""
        if not record.HasField("body"):
            return False
        is_content = not is_agents and record.event_name.startswith(CONVENTIONS_PREFIX) and ContentKind.OUTPUT not in self._kept
        if is_content or (is_agents and has_dropped):
            record.ClearField("body")
            return True
        return is_agents and self._scrub(record.body)

    def _scrub(self, value: Any) -> bool:
        """Redact and cut a value; return whether it changed."""
        kind = value.WhichOneof("value")
        if kind == "string_value":
            text = self._redactor.cut(value.string_value, self._max_chars)
        elif kind in ("array_value", "kvlist_value"):
            plain = self._redactor.value(_plain(value), 2 * self._max_chars)
            text = self._redactor.cut(json.dumps(plain, ensure_ascii=False, separators=(",", ":")), self._max_chars)
        else:
            return False
        is_changed = bool(kind != "string_value" or text != value.string_value)
        value.string_value = text
        return is_changed


def mentions_conventions(body: bytes) -> bool:
    """Whether a request's bytes hold a name of the semantic conventions, or what looks like one."""
    return holds(body, _MARK)


@cache
def _with_conventions(scope_name: str) -> Mapping[str, ContentKind]:
    return {**CONVENTIONS, **(contents_of(scope_name) or {})}


def _resources_of_agents(signal: Signal, message: Any) -> Iterator[Any]:
    """Yield the resources under which an agent's scope speaks."""
    for group in getattr(message, f"resource_{_GROUPS[signal]}"):
        if any(contents_of(part.scope.name) is not None for part in getattr(group, f"scope_{_GROUPS[signal]}")):
            yield group.resource


def _parts(signal: Signal, message: Any) -> Iterator[Any]:
    """Yield what each scope sent; metrics have no texts."""
    if signal is not Signal.METRICS:
        for group in getattr(message, f"resource_{_GROUPS[signal]}"):
            yield from getattr(group, f"scope_{_GROUPS[signal]}")


def _holders(signal: Signal, part: Any) -> Iterator[Any]:
    """Yield the records, or the spans and their events."""
    if signal is Signal.LOGS:
        yield from part.log_records
        return
    for span in part.spans:
        yield span
        yield from span.events


def _plain(value: Any) -> Any:
    """Return an OTLP value as JSON has it."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_plain(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: _plain(pair.value) for pair in value.kvlist_value.values}
    if kind == "bytes_value":
        return ""
    return getattr(value, kind) if kind else None
