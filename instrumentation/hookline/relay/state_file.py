"""`<data>/relay.json`: what a running relay says of itself. `hookline status` reads it.

Written whole or not at all, when something changed and at most every two seconds; an idle relay leaves it alone. Its
`sessions` are for the relay's own next life. It stays after the relay's end: whether one runs is for the lock to say.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookline.system.clock import NS_PER_S
from hookline.system.files import write_private
from hookline.version import VERSION

if TYPE_CHECKING:  # whoever only reads the file needs none of it
    from hookline.export.delivery import ExportDelivery
    from hookline.export.endpoint import OtlpEndpoint
    from hookline.relay.intake.pipeline import EventPipeline
    from hookline.relay.watch.watched_sessions import WatchedSessions
    from hookline.spool import SpoolDepth


@dataclass(frozen=True, slots=True)
class RelayState:
    """What one relay says of itself. Times are Unix seconds, 0 for never; `health` is starting, ok, retrying or blocked, and `why` says why."""

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


_NAMES = tuple(item.name for item in dataclasses.fields(RelayState))


def write(path: Path, state: RelayState) -> None:
    """Write the file atomically and privately. A full disk costs the file, not the relay."""
    with contextlib.suppress(OSError):
        write_private(path, json.dumps({name: getattr(state, name) for name in _NAMES}))


def read(path: Path) -> RelayState | None:
    """Return the last state; None where there is none or something else wrote it."""
    try:
        found = json.loads(path.read_text())
        sessions = tuple(row for row in found.get("sessions", ()) if isinstance(row, dict))
        return RelayState(**{name: value for name, value in found.items() if name in _NAMES} | {"sessions": sessions})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


class StateFile:
    """Keeps the file: what it says, and whether that is new."""

    def __init__(self, path: Path, endpoint: OtlpEndpoint, delivery: ExportDelivery, pipeline: EventPipeline, sessions: WatchedSessions) -> None:
        self._path = path
        self._endpoint = endpoint
        self._delivery = delivery
        self._pipeline = pipeline
        self._sessions = sessions
        self._started_at = time.time()
        self._written: tuple[str, str, int] = ("", "", 0)

    def is_stale(self) -> bool:
        """Whether the export thread has news that is not written."""
        return self._written != self._news()

    def save(self, depth: SpoolDepth) -> None:
        """Write the file."""
        self._written = self._news()
        write(self._path, self._make(depth))

    def _news(self) -> tuple[str, str, int]:
        report = self._delivery.report
        return report.health, report.why, report.metrics.accepted

    def _make(self, depth: SpoolDepth) -> RelayState:
        report = self._delivery.report
        return RelayState(
            pid=os.getpid(),
            version=VERSION,
            started_at=self._started_at,
            endpoint=self._endpoint.url,
            protocol="grpc" if self._endpoint.is_grpc else "http/protobuf",
            health=report.health,
            why=report.why,
            last_ok_at=report.last_ok_ns / NS_PER_S,
            last_error=report.last_error,
            last_error_at=report.last_error_ns / NS_PER_S,
            pending=self._delivery.outbox.pending,
            events=self._pipeline.events,
            bad_events=self._pipeline.bad_events,
            spans=dataclasses.asdict(report.spans),
            logs=dataclasses.asdict(report.logs),
            metrics=dataclasses.asdict(report.metrics),
            spool=dataclasses.asdict(depth),
            sessions=tuple(self._sessions.dump()),
        )
