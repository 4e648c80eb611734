"""Keeping the state file: what it says, and when it says something new."""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from pathlib import Path

from hookline.export.delivery import ExportDelivery
from hookline.export.endpoint import OtlpEndpoint
from hookline.relay import state_file
from hookline.relay.intake.pipeline import EventPipeline
from hookline.relay.state_file import RelayState
from hookline.relay.watch.watched_sessions import WatchedSessions
from hookline.spool import SpoolDepth
from hookline.version import VERSION


class StateFile:
    """Writes `RelayState` from the parts it is given."""

    def __init__(self, path: Path, endpoint: OtlpEndpoint, delivery: ExportDelivery, intake: EventPipeline, sessions: WatchedSessions) -> None:
        self._path = path
        self._endpoint = endpoint
        self._delivery = delivery
        self._intake = intake
        self._sessions = sessions
        self._started_at = time.time()
        self._told: tuple[str, str, int] = ("", "", 0)

    def is_stale(self) -> bool:
        """Whether the export thread has news that are not written."""
        return self._told != self._news()

    def save(self, depth: SpoolDepth) -> None:
        """Write the file."""
        self._told = self._news()
        state_file.write(self._path, self._make(depth))

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
            last_ok_at=report.last_ok_ns / 1e9,
            last_error=report.last_error,
            last_error_at=report.last_error_ns / 1e9,
            pending=self._delivery.outbox.pending,
            events=self._intake.events,
            bad_events=self._intake.bad_events,
            spans=asdict(report.spans),
            logs=asdict(report.logs),
            metrics=asdict(report.metrics),
            spool=asdict(depth),
            sessions=tuple(self._sessions.dump()),
        )
