"""How much is worked on at once: requests, and bytes of requests in memory.

Past either limit a sender is told to try again (`Refused`), which costs nothing and keeps nothing. A slot is entered when a
request begins to be read and left when it was answered and nothing of it is held any longer.
"""

from __future__ import annotations

from types import TracebackType

from hookline.errors import Refused, TooLarge
from hookline.settings.schema import LimitSettings


class Admission:
    """Counts requests at work and bytes held; used on the event loop only."""

    def __init__(self, limits: LimitSettings) -> None:
        self._limits = limits
        self.requests = 0
        self.bytes = 0

    def slot(self) -> Slot:
        """Return a slot that holds nothing yet; a context manager that gives back whatever it holds."""
        return Slot(self)

    def check_fits(self, count: int) -> None:
        """Raise TooLarge for a request that would not fit if it were the only one."""
        if count > self._limits.max_inflight_bytes:
            raise TooLarge(f"the request needs more memory than limits.max_inflight_bytes = {self._limits.max_inflight_bytes}; send smaller batches")

    def hold(self, count: int) -> None:
        """Hold more bytes. Raises Refused past the limit."""
        if self.bytes + count > self._limits.max_inflight_bytes:
            raise Refused("too many bytes of requests in memory; slow down", self._limits.retry_after_s)
        self.bytes += count

    def begin(self) -> None:
        """Begin to work on a request. Raises Refused past the limit."""
        if self.requests >= self._limits.max_concurrent_requests:
            raise Refused("too many requests at once; slow down", self._limits.retry_after_s)
        self.requests += 1


class Slot:
    """What one request holds of the admission's limits."""

    __slots__ = ("_admission", "_bytes", "_works")

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._bytes = 0
        self._works = False

    def hold(self, count: int) -> None:
        """Hold more bytes for this request. Raises Refused past the limit, TooLarge when the request alone is past it."""
        self._admission.check_fits(self._bytes + count)
        self._admission.hold(count)
        self._bytes += count

    def begin(self) -> None:
        """Count this request as worked on. Raises Refused past the limit."""
        if not self._works:
            self._admission.begin()
            self._works = True

    def leave(self) -> None:
        """Give back everything; may be called again."""
        self._admission.bytes -= self._bytes
        self._admission.requests -= self._works
        self._bytes, self._works = 0, False

    def __enter__(self) -> Slot:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.leave()
