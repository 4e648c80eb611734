"""`<data>/rejected/`: records that the endpoint will never take, one JSON file each, for a person to look at.

Bounded by number and bytes; the oldest go first. Their count stands in the relay's state.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path

from hookline.records import LogRecord, SpanRecord

MAX_FILES = 200
MAX_BYTES = 16 * 1024 * 1024


class RejectedFolder:
    """Where refused records are set aside."""

    def __init__(self, folder: Path, now_ns: Callable[[], int]) -> None:
        self._folder = folder
        self._now_ns = now_ns

    def add(self, record: SpanRecord | LogRecord, why: str, endpoint: str) -> None:
        """Keep one record with the endpoint's reason. A full disk costs the copy, not the relay."""
        kind = "span" if isinstance(record, SpanRecord) else "log"
        text = json.dumps({"signal": kind, "endpoint": endpoint, "why": why, "record": dataclasses.asdict(record)}, default=str)
        path = self._folder / f"{self._now_ns()}-{kind}.json"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
            self._trim()
        except OSError:
            path.unlink(missing_ok=True)

    def _trim(self) -> None:
        files = sorted(self._folder.glob("*.json"))
        kept_bytes = 0
        for index, path in enumerate(reversed(files)):
            kept_bytes += path.stat().st_size
            if index >= MAX_FILES or kept_bytes > MAX_BYTES:
                path.unlink(missing_ok=True)
