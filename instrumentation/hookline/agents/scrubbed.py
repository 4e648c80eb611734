"""The last step of an adapter: every string of an event that may leave passes the redactor, whatever field it stands in.

Names of tools, agents, MCP servers and branches, types of errors and notices, ids: all are chosen by somebody, and some by a
repository. What stays on this machine and is looked up here keeps its text: folders and files. What is a member of a
closed set, a number, or scrubbed already (`*_text`, by the capture policy) passes as it is.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from hookline.agents.event import AgentEvent
from hookline.redact import Redactor

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
    changes = {}
    for name in _names(record.__class__):
        value = getattr(record, name)
        if not value:  # most of an event says nothing
            continue
        clean = _value(value, label)
        if clean is not value:
            changes[name] = clean
    return dataclasses.replace(record, **changes) if changes else record


@functools.cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind) if field.name not in LOCAL and not field.name.endswith("_text"))


def _value(value: Any, label: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) or _PLAIN.match(value) else label(value)
    if isinstance(value, tuple):
        clean = tuple(_value(item, label) for item in value)
        return value if all(new is old for new, old in zip(clean, value, strict=True)) else clean
    return _record(value, label) if dataclasses.is_dataclass(value) else value
