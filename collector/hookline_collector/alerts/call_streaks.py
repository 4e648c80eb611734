"""How what a session does follows each other: the same call again and again, failures in a row, work without a break.

Fed with the same observations as the live sessions. A call is told of more than once (by the hook and by the client's own telemetry): each counts
once, by its id. A call whose input is not known (no hash) repeats nothing. Bounded: sessions that were silent for longest are forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from hookline.contract import semconv
from hookline.system.clock import NS_PER_S
from hookline_collector.signals.observations import Observation, ObservationKind

MAX_SESSIONS = 2_000
MAX_IDS = 64
BREAK_NS = 10 * 60 * NS_PER_S  # nothing for this long is a break


@dataclass(slots=True)
class CallStreak:
    """The newest of a session: how often in a row the same call, how many in a row failed, and since when without a break."""

    unbroken_ns: int = 0
    last_ns: int = 0
    repeated: int = 0
    failed: int = 0
    newest: tuple[str, str] = ("", "")
    started: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_IDS))
    ended: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_IDS))

    def note(self, at_ns: int) -> None:
        """Note that something was done."""
        if at_ns - self.last_ns > BREAK_NS:
            self.unbroken_ns = at_ns
        self.last_ns = max(self.last_ns, at_ns)

    def start(self, call_id: str, tool: str, input_hash: str) -> None:
        """Note a call that began."""
        if call_id in self.started or not input_hash:
            return
        self.started.append(call_id)
        self.repeated = self.repeated + 1 if (tool, input_hash) == self.newest else 1
        self.newest = (tool, input_hash)

    def end(self, call_id: str, failed: bool) -> None:
        """Note a call that ended."""
        if call_id not in self.ended:
            self.ended.append(call_id)
            self.failed = self.failed + 1 if failed else 0


NO_STREAK = CallStreak()


class CallStreaks:
    """The streaks of the sessions heard of last."""

    def __init__(self) -> None:
        self._streaks: OrderedDict[str, CallStreak] = OrderedDict()

    def add(self, found: Iterable[Observation]) -> None:
        """Take observations in."""
        for seen in found:
            streak = self._streak(seen.session_id)
            streak.note(seen.time_ns)
            if not seen.key or seen.seen not in (ObservationKind.TOOL_STARTED, ObservationKind.TOOL_ENDED):
                continue
            tool, input_hash = (str(seen.attributes.get(name, "")) for name in (semconv.TOOL_NAME, semconv.TOOL_INPUT_HASH))
            streak.start(seen.key, tool, input_hash)
            if seen.seen is ObservationKind.TOOL_ENDED:
                streak.end(seen.key, seen.failed)

    def of(self, session_id: str) -> CallStreak:
        """Return the streak of a session, an empty one where nothing is known."""
        return self._streaks.get(session_id, NO_STREAK)

    def _streak(self, session_id: str) -> CallStreak:
        streak = self._streaks.get(session_id)
        if streak is None:
            streak = self._streaks[session_id] = CallStreak()
            if len(self._streaks) > MAX_SESSIONS:
                self._streaks.popitem(last=False)
        self._streaks.move_to_end(session_id)
        return streak
