"""The relay's own log, `<data>/relay.log`: also for what the SDK's exporters have to say.

While an endpoint is away the exporters complain at every attempt, so a message (by its template) is written at most
once a minute. Nothing reaches the terminal of whoever started the relay. The file is kept below 1 MiB, one older one
beside it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

EVERY_S = 60.0
MAX_BYTES = 1024 * 1024
_NAMES = ("hookline.relay", "opentelemetry", "urllib3", "grpc")
_MAX_TEMPLATES = 1_000

LOG = logging.getLogger("hookline.relay")


class RateLimit(logging.Filter):
    """Lets a template through once in `every_s`."""

    def __init__(self, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._every_s = every_s
        self._clock = clock
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Answer whether the record is written."""
        key, now = (record.name, str(record.msg)), self._clock()
        if now - self._last.get(key, -self._every_s) < self._every_s:
            return False
        if len(self._last) >= _MAX_TEMPLATES:
            self._last.clear()
        self._last[key] = now
        return True


class _PrivateFile(RotatingFileHandler):
    """A rotating file that nobody else can read."""

    def _open(self) -> object:  # type: ignore[override]
        return os.fdopen(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Let a full disk cost the line."""


@contextlib.contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Send the relay's and the SDK's messages to the file while the block runs."""
    handler = _PrivateFile(path, maxBytes=MAX_BYTES, backupCount=1, delay=True)
    handler.addFilter(RateLimit())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    loggers = [logging.getLogger(name) for name in _NAMES]
    before = [(logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, (propagate, level) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate, logger.level = propagate, level
        handler.close()
