"""The last step of an adapter: every string of an event that may leave passes the redactor, whatever its field.

Names of tools, agents, MCP servers and branches, types of errors and notices, ids: all are chosen by somebody, and some by a
repository. What stays on this machine and is looked up here keeps its text: folders and files. What is a member of a
closed set, a number, or scrubbed already (`*_text`, by the capture policy) passes as it is.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import re
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from hookline.agent_event import AgentEvent, Place
from hookline.privacy.redact import Redactor

LOCAL: Final = frozenset({"uid", "cwd", "transcript_path", "root", "prompt_hash", "input_hash", "process_created"})
MAX_CHARS: Final = 4_096

# Words, ids of the client and plain UUIDs: no kind of secret looks so.
_PLAIN = re.compile(r"[A-Za-z_]{0,19}\Z|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z|(?:toolu|msg|req)_[A-Za-z0-9]{8,40}\Z|[0-9a-f]{40}\Z")


def is_plain(text: str) -> bool:
    """Whether a text is a word, an id of the client or a UUID."""
    return _PLAIN.match(text) is not None


def scrubbed(event: AgentEvent, redactor: Redactor) -> AgentEvent:
    """Return the event without secrets in any of its strings."""
    changed: AgentEvent = _record(event, _label(redactor))
    return changed


@functools.lru_cache(maxsize=64)
def _label(redactor: Redactor) -> Callable[[str], str]:
    return functools.lru_cache(maxsize=4_096)(lambda text: redactor.label(text, MAX_CHARS))


def _record(record: Any, label: Callable[[str], str]) -> Any:
    """Return the record itself where nothing changes."""
    names, values_of = _fields(record.__class__)
    changes = {}
    for name, value in zip(names, values_of(record), strict=True):
        if not value or value is True:  # most of an event says nothing
            continue
        if value.__class__ is str:
            if not _PLAIN.match(value) and (scrubbed := label(value)) != value:
                changes[name] = scrubbed
        elif (clean := _value(value, label)) is not value and clean != value:
            changes[name] = clean
    return dataclasses.replace(record, **changes) if changes else record


@functools.cache
def _fields(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """Return the names of the fields that are scrubbed, and what reads them all at once."""
    names = [field.name for field in dataclasses.fields(kind) if field.name not in LOCAL and not field.name.endswith("_text")]
    if len(names) > 1:
        return tuple(names), operator.attrgetter(*names)
    return tuple(names), lambda record: tuple(getattr(record, name) for name in names)


@functools.lru_cache(maxsize=256)
def _place(place: Place, label: Callable[[str], str]) -> Place:
    """Return a folder's place; all events of a folder have the same."""
    clean: Place = _record(place, label)
    return clean


def _value(value: Any, label: Callable[[str], str]) -> Any:
    if isinstance(value, Enum | int | float):
        return value
    if isinstance(value, str):
        return value if _PLAIN.match(value) else label(value)
    if isinstance(value, tuple):
        clean = tuple(_value(item, label) for item in value)
        return value if all(new is old for new, old in zip(clean, value, strict=True)) else clean
    if isinstance(value, Place):
        return _place(value, label)
    return _record(value, label) if dataclasses.is_dataclass(value) else value
