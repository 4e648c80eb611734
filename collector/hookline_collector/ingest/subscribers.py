"""Who looks at agents' telemetry while it comes in: live sessions, alert rules.

A subscriber gets `(signal, parsed message)` of accepted requests that hold an agent's scope, in the order of their
acceptance. Each has a bounded queue of its own and is called one request at a time, so a slow or failing one harms neither
ingest nor its neighbours: past its bound the newest request passes it by and is counted. A message is shared: look, do not change.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from hookline.contract import semconv
from hookline_collector.signal import Signal

Callback = Callable[[Signal, Any], Awaitable[None] | None]
AGENT_SCOPES = frozenset({semconv.AGENT_SCOPE, semconv.HISTORY_SCOPE, semconv.RESOURCE_SCOPE})
MAX_QUEUED_REQUESTS = 1_000
MAX_QUEUED_BYTES = 64 * 1024 * 1024  # as parsed

_log = logging.getLogger(__name__)


def is_agents(signal: Signal, scope_names: set[str]) -> bool:
    """Whether one of the scopes is an agent's: Hookline's own, or the client's native telemetry.

    The collector's records say which sessions its cleanup closed; its metrics are its own affair.
    """
    if semconv.COLLECTOR_SCOPE in scope_names and signal is not Signal.METRICS:
        return True
    return any(name in AGENT_SCOPES or name.startswith(semconv.CLAUDE_NATIVE_SCOPE_PREFIX) for name in scope_names)


class Subscription:
    """One subscriber's queue and figures."""

    def __init__(self, callback: Callback, max_requests: int = MAX_QUEUED_REQUESTS, max_bytes: int = MAX_QUEUED_BYTES) -> None:
        self._callback = callback
        self._max_requests = max_requests
        self._max_bytes = max_bytes
        self._waiting: deque[tuple[Signal, Any, int]] = deque()
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._bytes = 0
        self.delivered = 0
        self.dropped = 0
        self.failed = 0

    @property
    def queued(self) -> int:
        """Requests waiting for the subscriber."""
        return len(self._waiting)

    def put(self, signal: Signal, message: Any, size: int) -> None:
        """Queue a request, or count it as dropped. A request that alone is past the bytes goes through when nothing waits."""
        full = len(self._waiting) >= self._max_requests or self._bytes + size > self._max_bytes
        if full and self._waiting:
            self.dropped += 1
            return
        self._waiting.append((signal, message, size))
        self._bytes += size
        self._idle.clear()
        self._woken.set()

    async def run(self) -> None:
        """Hand requests on until cancelled. What the callback raises is logged and counted."""
        while True:
            while self._waiting:
                await self._deliver(*self._waiting.popleft())
            self._idle.set()
            self._woken.clear()
            await self._woken.wait()

    async def drained(self) -> None:
        """Return when everything queued was handed on."""
        await self._idle.wait()

    async def _deliver(self, signal: Signal, message: Any, size: int) -> None:
        self._bytes -= size
        try:
            answer = self._callback(signal, message)
            if inspect.isawaitable(answer):
                await answer
            self.delivered += 1
        except Exception:  # a subscriber's defect must not end the delivery of what follows
            self.failed += 1
            _log.exception("a subscriber failed on a %s request", signal.value)
        await asyncio.sleep(0)  # a long queue leaves room for the receivers
