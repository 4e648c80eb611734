"""The whole of `hookline up`: from a hook event to a query that sees it, answers of pages and API, memory, idle processor time, stop."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell, tell_quantiles
from benchmarks.person_at_work import PersonAtWork, person_at_work
from hookline.collector_client import Client
from hookline.operate.doctor import payloads
from support.person import Person
from support.running import wait_for

EVENTS = 40
ANSWERS = 100
IDLE_S = 10.0


def main() -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder:
        with person_at_work(Path(folder)) as working:
            measure(working)
            begun = time.perf_counter()
        tell("graceful stop of relay and collector", time.perf_counter() - begun, "s")


def measure(working: PersonAtWork) -> None:
    """Measure a running Hookline."""
    person, client = working.person, working.client
    tell_quantiles("hook event to visible in a query", [one_event(person, client, number) for number in range(EVENTS)])
    for name, path in (("summary", "/api/v1/summary"), ("status", "/api/v1/status"), ("live", "/api/v1/live"), ("first page", "/")):
        tell_quantiles(f"answer: {name}", answers(partial(client.ask, "GET", path, None)), (0.5, 0.95))
    time.sleep(12)
    for part, watched in (("relay", working.relay), ("collector with the embedded engine", working.collector)):
        tell(f"{part}: resident memory", watched.rss_mb(), "MB", "size")
    working.watch()
    time.sleep(IDLE_S)
    for part, watched in (("relay", working.relay), ("collector with the embedded engine", working.collector)):
        used = watched.usage()
        tell(f"{part}: idle without a session", used.cpu_percent, "% of a core", "processor", note=f"{used.wakeups_per_s:.1f} wake-ups a second")


def one_event(person: Person, client: Client, number: int) -> float:
    """Fire one event, ask until it is there, and return the seconds between."""
    session = f"bench-{number}"
    sql = f"SELECT count() FROM otel_logs WHERE LogAttributes['session.id'] = '{session}'"
    start, *_, end = payloads(session, Path("/"))
    begun = time.perf_counter()
    fire(person, start)
    wait_for(lambda: client.post("/api/v1/query", {"sql": sql})["rows"] == [[1]])
    took_s = time.perf_counter() - begun
    fire(person, end)
    return took_s


def fire(person: Person, payload: dict[str, object]) -> None:
    """Run the hook as the agent does."""
    subprocess.run([person.data_dir / "hook.sh"], input=json.dumps(payload).encode(), env=person.environment, check=True)


def answers(ask: Callable[[], object]) -> list[float]:
    """Return how long answers take, one asker at a time."""
    took = []
    for _ in range(ANSWERS):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    return took


if __name__ == "__main__":
    main()
