"""Adapter and fold: events a second of one core, and the memory that events leave behind.

python tests/benchmarks/bench_fold.py [events]
"""

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell
from hookline.agent_event import Place
from hookline.agents import AgentEvent
from hookline.fold import FoldState, fold, order
from hookline.privacy.capture import METADATA_ONLY, Policy, capture_rules
from hookline.settings.schema import CaptureSettings
from support.replay import FIXTURES, adapt

EVENTS = 20_000
CAPTURES = ("tools", "subagent", "denied", "api_error", "parallel_agents", "background")
ENV = {"agent": "claude-code", "claude_pid": "8990"}
SESSION_S = 5.0


def payloads() -> list[tuple[bytes, int]]:
    """Return payload and time of every event of the captures."""
    found: list[tuple[bytes, int]] = []
    for name in CAPTURES:
        for path in sorted((FIXTURES / name / "hooks").glob("*.json")):
            envelope = json.loads(path.read_text())
            found.append((json.dumps(envelope["payload"]).encode(), envelope["captured_at_unix_nano"]))
    return found


def sessions(count: int, capture: Callable[[Place], Policy] = METADATA_ONLY) -> Iterable[AgentEvent]:
    """Yield at least `count` events: the captures again and again, each time as other sessions, later."""
    captured = payloads()
    for n in range(count // len(captured) + 1):
        mark = f"{n:06d}".encode()
        for at, (payload, time_ns) in enumerate(captured):
            renamed = payload.replace(b'"session_id": "', b'"session_id": "' + mark).replace(b'"toolu_', b'"toolu_' + mark)
            yield adapt(renamed, ENV, time_ns + round(n * SESSION_S * 1e9), f"{n}-{at}", capture=capture)


def rate(work: Callable[[], int]) -> float:
    """Return how many a second of processor time."""
    gc.collect()
    began = time.process_time()
    count = work()
    return count / (time.process_time() - began)


def adapted(count: int, level: str) -> Callable[[], int]:
    """Return the work of adapting events at a capture level."""
    rules = capture_rules(CaptureSettings(level=level))  # type: ignore[arg-type]
    return lambda: sum(1 for _ in sessions(count, rules))


def folded(events: list[AgentEvent]) -> FoldState:
    """Fold events and forget the steps."""
    state = FoldState()
    for event in events:
        state, _ = fold(state, event)
    return state


def left_behind(events: list[AgentEvent]) -> tuple[int, int, int]:
    """Return (bytes that the state holds, sessions remembered, most bytes while folding)."""
    gc.collect()
    tracemalloc.start()
    state = folded(events)
    gc.collect()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held, len(state.sessions), peak


def main() -> None:
    """Measure and tell."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    for level in ("metadata", "full"):
        tell(f"adapt, one core, level {level}", rate(adapted(count // 10, level)), "events/CPU-s", "processor", "more")
    events = list(sessions(count))
    tell("order, one core", rate(lambda: len(order(events))), "events/CPU-s", "processor", "more")
    ordered = order(events)

    def fold_all() -> int:
        folded(ordered)
        return len(ordered)

    tell("fold, one core", rate(fold_all), "events/CPU-s", "processor", "more", note=f"{count:,} events")
    held, remembered, peak = left_behind(ordered)
    tell("fold: memory after the last event", held / 1e6, "MB", "size", note=f"{remembered} sessions remembered")
    tell("fold: most memory while folding", peak / 1e6, "MB", "size")


if __name__ == "__main__":
    main()
