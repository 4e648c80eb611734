"""`<data>/relay.json`: what a running relay says of itself. `hookline status` reads it.

Written whole or not at all, when something changed and at most every second; an idle relay leaves it alone. Its
`sessions` are for the relay's own next life. It stays after the relay's end: whether one runs is told by the lock.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hookline.system.files import write_private


@dataclass(frozen=True, slots=True)
class RelayState:
    """Figures of one relay. Times are Unix seconds, 0 for never; `health` is starting, ok, retrying or blocked, and `why` says why."""

    pid: int = 0
    version: str = ""
    started_at: float = 0.0
    endpoint: str = ""
    protocol: str = ""
    health: str = "starting"
    why: str = ""
    last_ok_at: float = 0.0
    last_error: str = ""
    last_error_at: float = 0.0
    pending: int = 0
    events: int = 0
    bad_events: int = 0
    spans: Mapping[str, int] = field(default_factory=dict)  # accepted, rejected, unsupported
    logs: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, int] = field(default_factory=dict)
    spool: Mapping[str, int] = field(default_factory=dict)  # files, bytes, unread, dropped, bad
    sessions: tuple[Mapping[str, Any], ...] = ()


def write(path: Path, state: RelayState) -> None:
    """Write the file atomically and privately. A full disk costs the file, not the relay."""
    with contextlib.suppress(OSError):
        write_private(path, json.dumps(dataclasses.asdict(state)))


def read(path: Path) -> RelayState | None:
    """Return the last state; None where there is none or something else wrote it."""
    try:
        found = json.loads(path.read_text())
        names = {item.name for item in dataclasses.fields(RelayState)}
        sessions = tuple(row for row in found.get("sessions", ()) if isinstance(row, dict))
        return RelayState(**{name: value for name, value in found.items() if name in names} | {"sessions": sessions})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
