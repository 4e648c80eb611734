"""When a client that thinks stops drawing: somebody pressed Escape before the model said a word.

Neither a hook nor the transcript says so. But while the model is waited for, the client draws its running time and a moving sign, 150 to
600 bytes a second; at its prompt it draws a blinking cursor, below 70. So a turn that thinks and whose client wrote less than `QUIET_BYTES` within
each of some seconds was stopped where that began, as far as one can tell: what follows from it is inferred, and whatever is heard of the turn takes
it back. Measured with the clients of which `Agent.draws_while_thinking` is true. A person who types on at once hides it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

LOOK_S: Final = 0.5
WINDOW: Final = 2  # looks whose bytes are added up: the drawing comes in beats
QUIET_BYTES: Final = 100  # in a window; half of what thinking draws, twice what a prompt does
QUIET_LOOKS: Final = 3  # so many quiet windows in a row
STALE_NS: Final = 3_000_000_000  # looks further apart say nothing

Name = tuple[str, str]


@dataclass(slots=True)
class _Drawing:
    """What one client wrote: at the last look, within the last ones, and since when it is quiet."""

    total: int
    looked_ns: int
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=WINDOW))
    busy_ns: int = 0  # of the last look at which it was not quiet; 0: never seen to draw, so its silence says nothing
    quiet: int = 0
    is_reported: bool = False


class QuietWatch:
    """Looks at clients that think. `written(pid)` returns all that a process has written so far."""

    def __init__(self, written: Callable[[int], int | None]) -> None:
        self._written = written
        self._drawings: dict[Name, _Drawing] = {}

    def look(self, clients: Mapping[Name, int], now_ns: int) -> Iterator[tuple[Name, int]]:
        """Look once at the clients (pid by name) that think now; yield each that fell quiet, and since when."""
        self._drawings = {name: drawing for name, drawing in self._drawings.items() if name in clients}
        for name, pid in clients.items():
            total = self._written(pid)
            known = self._drawings.get(name)
            if total is None:
                continue
            if known is None or not 0 < now_ns - known.looked_ns < STALE_NS:
                self._drawings[name] = _Drawing(total, now_ns)
            elif (since_ns := _advance(known, total, now_ns)) is not None:
                yield name, since_ns


def _advance(drawing: _Drawing, total: int, now_ns: int) -> int | None:
    """Take in one look; return since when the client is quiet if that is certain now and was not before."""
    drawing.recent.append(total - drawing.total)
    half_ns = (now_ns - drawing.looked_ns) // 2
    drawing.total, drawing.looked_ns = total, now_ns
    if len(drawing.recent) < WINDOW or sum(drawing.recent) >= QUIET_BYTES:
        drawing.quiet = 0
        if sum(drawing.recent) >= QUIET_BYTES:
            drawing.busy_ns = now_ns - half_ns if drawing.recent[-1] >= QUIET_BYTES // 2 else drawing.busy_ns or now_ns - half_ns
        return None
    drawing.quiet += 1
    if drawing.quiet < QUIET_LOOKS or drawing.is_reported or not drawing.busy_ns:
        return None
    drawing.is_reported = True
    return drawing.busy_ns
