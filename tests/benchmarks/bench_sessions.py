"""How fast sessions follow: sightings per second and core, and one cleanup over everything, with 1,000 and 10,000 live sessions."""

from __future__ import annotations

import asyncio
import random
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell
from hookline.contract.scopes import Source
from hookline_collector.sessions.cleanup import overdue
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.signals.observations import Observation, ObservationKind

S = 1_000_000_000
EVENTS = 100_000


def traffic(sessions: int, events: int) -> Iterator[Observation]:
    """Yield prompts, calls and ends of many sessions, interleaved as they come from a team."""
    rng = random.Random(7)
    place = {"hookline.project.name": "shop", "vcs.ref.head.name": "main", "user.name": "dev", "host.name": "laptop", "process.pid": "42"}
    for n in range(events):
        session, turn, step = n % sessions, n // sessions // 12, n // sessions % 12
        seen = (
            (ObservationKind.PROMPT, ObservationKind.TURN_ENDED)[step == 11]
            if step in (0, 11)
            else (ObservationKind.TOOL_STARTED, ObservationKind.TOOL_ENDED)[step % 2 == 0]
        )
        key = f"p{turn}" if step in (0, 11) else f"toolu_{turn}_{(step + 1) // 2}"
        yield Observation(f"session-{session}", (n + rng.randrange(50)) * 1_000_000, seen, Source.HOOK, key, f"p{turn}", False, "", place)


def measure(sessions: int) -> tuple[float, float, float]:
    """Return sightings/s, seconds of one cleanup decision, and bytes a session."""
    events = list(traffic(sessions, EVENTS))
    live = LiveSessions(sessions * 2, 300.0, lambda: EVENTS * 1_000_000)
    tracemalloc.start()
    live.add(events)
    per_session = tracemalloc.get_traced_memory()[0] / sessions
    tracemalloc.stop()
    live = LiveSessions(sessions * 2, 300.0, lambda: EVENTS * 1_000_000)
    begun = time.process_time()
    for event in events:
        live.add((event,))
    rate = EVENTS / (time.process_time() - begun)
    begun = time.process_time()
    list(overdue(live.snapshot(), EVENTS * 1_000_000 + 20 * 3600 * S, 12 * 3600, lambda *_: None))
    return rate, time.process_time() - begun, per_session


def main() -> None:
    """Measure and tell."""
    for sessions in (1_000, 10_000):
        rate, decided_s, size = asyncio.run(asyncio.to_thread(measure, sessions))
        tell(f"sessionizer, {sessions:,} live sessions", rate, "events/CPU-s", "processor", "more")
        tell(f"cleanup decision over {sessions:,} open sessions", decided_s * 1e3, "CPU-ms", "processor")
        tell(f"memory a session, of {sessions:,}", size / 1e3, "KB", "size", note=f"{EVENTS // sessions} events each")


if __name__ == "__main__":
    main()
