"""The cleanup: closes what no event will close, applies retention, keeps statistics.

`overdue(...)` decides and is pure; `Cleanup.run_once` does it: what it closes goes through ingest as records of the scope
`hookline.collector` (`closing.py`), so that the store, the live sessions and every other collector learn of it the same way,
and a second collector that decides the same writes the same record (its uid is a hash). A closed session is only closed until
newer signals of it arrive.

A session is closed, in this order, as
    process_gone  its process (pid and creation time) is not on this host any more
    superseded    a later session began in the same process, unless that runs several side by side
    timed_out     it was silent for `timeout_s`; one that is known from history alone is shown as over before
The end is the last moment of which something is known, not the moment of the cleanup; for superseded the successor's start.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from hookline.contract.events import EndReason
from hookline.errors import HooklineError
from hookline.system.clock import NS_PER_S
from hookline_collector.observe.health import PartHealth
from hookline_collector.sessions.closing import SessionClosing, closing_requests
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.state import HISTORY_END, SessionState, SessionView
from hookline_collector.signal import Signal

logger = logging.getLogger(__name__)
TREND_LENGTH = 60
RETAIN_EVERY_S = 600.0
OVERLAP_NS = 5_000_000_000  # what is heard of a session so long after another began in its process is only late
IsAlive = Callable[[str, str, str], bool | None]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did, and at how many sessions it looked."""

    started_ns: int
    duration_s: float
    decided_s: float
    sessions: int
    closed: dict[str, int]
    error: str = ""


@dataclass(frozen=True, slots=True)
class CleanupStatistics:
    """What the cleanup did since the collector started."""

    since_ns: int
    runs: int
    closed: dict[str, int]
    last_run: Run | None
    mean_duration_s: float | None
    max_duration_s: float | None
    recent_runs: tuple[Run, ...]


def overdue(views: Iterable[SessionView], now_ns: int, timeout_s: float, is_alive: IsAlive) -> Iterator[SessionClosing]:
    """Yield the sessions that no event will close. `is_alive(host, pid, created)` returns None where it cannot know."""
    views = list(views)
    starts = _starts_by_process(views)
    for v in views:
        if v.state is SessionState.ENDED and v.end_reason != HISTORY_END:
            continue
        if v.pid and is_alive(v.host, v.pid, v.process_created) is False:
            yield SessionClosing(v, EndReason.PROCESS_GONE.value, v.last_ns)
        elif successor_ns := min((s for s in starts.get(_process(v), ()) if s > v.last_ns), default=0):
            yield SessionClosing(v, EndReason.SUPERSEDED.value, successor_ns)
        elif now_ns - v.last_ns > timeout_s * NS_PER_S:
            yield SessionClosing(v, EndReason.TIMED_OUT.value, v.last_ns)


def _process(v: SessionView) -> tuple[str, str, str]:
    return v.host, v.pid, v.process_created


def _starts_by_process(views: Iterable[SessionView]) -> dict[tuple[str, str, str], list[int]]:
    """Return when sessions began in each process that runs one after the other; of one that was seen to run several side by side nothing follows."""
    times: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for v in views:
        if v.pid and v.process_created:
            times.setdefault(_process(v), []).append((v.started_ns, v.last_ns))
    return {
        process: [started_ns for started_ns, _ in found]
        for process, found in times.items()
        if all(later[0] >= earlier[1] - OVERLAP_NS for earlier, later in pairwise(sorted(found)))
    }


class Cleanup:
    """Runs the cleanup every `every_s` seconds (0: never) and by hand, and remembers how it went."""

    name = "cleanup"

    def __init__(
        self,
        sessions: LiveSessions,
        accept: Callable[[Signal, bytes], Awaitable[object]],
        retain: Callable[[], Awaitable[object]],
        timeout_s: float,
        is_alive: IsAlive,
        clock_ns: Callable[[], int] = time.time_ns,
        every_s: float = 60.0,
    ) -> None:
        self._sessions = sessions
        self._accept = accept
        self._retain = retain
        self._timeout_s = timeout_s
        self._is_alive = is_alive
        self._clock_ns = clock_ns
        self._every_s = every_s
        self._lock = asyncio.Lock()
        self._since_ns = clock_ns()
        self._runs = 0
        self._retained_at = time.monotonic()  # opening the store did it
        self._closed: Counter[str] = Counter()
        self._trend: deque[Run] = deque(maxlen=TREND_LENGTH)

    async def run(self) -> None:
        """Run until cancelled."""
        while self._every_s > 0:
            await asyncio.sleep(self._every_s)
            await self.run_once(retain_every_s=RETAIN_EVERY_S)

    def health(self) -> PartHealth:
        """Return what the last run did, or why it could not finish; the next one tries again."""
        if not self._trend:
            return PartHealth(self.name, True, f"every {self._every_s:g} s" if self._every_s > 0 else "switched off")
        last = self._trend[-1]
        if last.error:
            return PartHealth(self.name, False, f"the last run could not finish: {last.error}", is_remark=True)
        return PartHealth(self.name, True, f"every {self._every_s:g} s; the last run closed {sum(last.closed.values())} of {last.sessions} sessions")

    async def run_once(self, retain_every_s: float = 0.0) -> Run:
        """Close what is overdue and apply retention, if that was so long ago. A failure is kept in the run's `error`; the next run tries again."""
        async with self._lock:
            begun, started_ns = time.perf_counter(), self._clock_ns()
            views = self._sessions.as_reported()
            closings = list(overdue(views, self._clock_ns(), self._timeout_s, self._is_alive))
            decided_s = time.perf_counter() - begun
            error = await self._carry_out(closings, retain_every_s)
            closed = Counter(closing.reason for closing in closings) if not error else Counter()
            run = Run(started_ns, time.perf_counter() - begun, decided_s, len(views), dict(closed), error)
            self._runs += 1
            self._closed.update(closed)
            self._trend.append(run)
            return run

    async def _carry_out(self, closings: list[SessionClosing], retain_every_s: float) -> str:
        try:
            for signal, body in closing_requests((closing, self._sessions.orphans(closing.view)) for closing in closings):
                await self._accept(signal, body)
            if time.monotonic() - self._retained_at >= retain_every_s:
                await self._retain()
                self._retained_at = time.monotonic()
        except HooklineError as why:
            logger.warning("cleanup could not finish: %s", why)
            return str(why)
        return ""

    def statistics(self) -> CleanupStatistics:
        """Return what the cleanup did since the collector started: totals by reason, the last run and those before it."""
        runs = tuple(self._trend)
        took = [run.duration_s for run in runs]
        return CleanupStatistics(
            since_ns=self._since_ns,
            runs=self._runs,
            closed=dict(self._closed),
            last_run=runs[-1] if runs else None,
            mean_duration_s=sum(took) / len(took) if took else None,
            max_duration_s=max(took, default=None),
            recent_runs=runs,
        )
