"""How fast sessions follow: sightings per second and core, and one cleanup over everything, with 1,000 and 10,000 live sessions."""

from __future__ import annotations

import asyncio
import random
import time
import tracemalloc
from collections.abc import Iterator

from hookline.contract.scopes import Source
from hookline_collector.sessions.cleanup import overdue
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.signals.observations import Observation, ObservationKind

S = 1_000_000_000
EVENTS = 200_000


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
    begun = time.perf_counter()
    for event in events:
        live.add((event,))
    rate = EVENTS / (time.perf_counter() - begun)
    begun = time.perf_counter()
    list(overdue(live.snapshot(), EVENTS * 1_000_000 + 20 * 3600 * S, 12 * 3600, lambda *_: None))
    return rate, time.perf_counter() - begun, per_session


def main() -> None:
    """Print the table."""
    print(f"{'promise':<52} {'target':>14} {'measured':>16}")
    for sessions in (1_000, 10_000):
        rate, decided_s, size = asyncio.run(asyncio.to_thread(measure, sessions))
        print(f"{f'sessionizer, {sessions:,} live sessions':<52} {'-':>14} {rate:>10,.0f} ev/s")
        print(f"{f'cleanup decision over {sessions:,} open sessions':<52} {'<= 500 ms':>14} {decided_s * 1e3:>13,.0f} ms")
        print(f"{f'memory a session ({EVENTS // sessions} events each)':<52} {'-':>14} {size:>11,.0f} B")


if __name__ == "__main__":
    main()
