"""Whether a session's process still lives, for sessions on the collector's own host."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from hookline.system.process import ProcessKey, parse_created
from hookline.system.process import is_alive as lives

MAX_PID_DIGITS = 10


def is_alive(host: str, pid: str, created: str) -> bool | None:
    """Say whether the process lives; None for another host, or where it is not named for good.

    `created` is its creation time (ISO 8601): a pid that came round again is another process.
    """
    created_s = parse_created(created)
    if host != socket.gethostname() or not (pid.isascii() and pid.isdigit()) or len(pid) > MAX_PID_DIGITS or created_s is None:
        return None
    return lives(ProcessKey(int(pid), created_s))


class Processes:
    """Whether processes live, looked at once in `fresh_s` at most; one that is dead stays dead.

    Bounded: past `max_known` all is forgotten and looked at again.
    """

    def __init__(
        self,
        look: Callable[[str, str, str], bool | None] = is_alive,
        clock: Callable[[], float] = time.monotonic,
        fresh_s: float = 1.0,
        max_known: int = 20_000,
    ) -> None:
        self._look = look
        self._clock = clock
        self._fresh_s = fresh_s
        self._max_known = max_known
        self._known: dict[tuple[str, str, str], tuple[float, bool | None]] = {}

    def is_alive(self, host: str, pid: str, created: str) -> bool | None:
        """Say whether a process lives, as `is_alive` does."""
        key, now = (host, pid, created), self._clock()
        looked_at, found = self._known.get(key, (-self._fresh_s, None))
        if found is False or now - looked_at < self._fresh_s:
            return found
        if len(self._known) >= self._max_known:
            self._known.clear()
        found = self._look(*key)
        self._known[key] = (now, found)
        return found
