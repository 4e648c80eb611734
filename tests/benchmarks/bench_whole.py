"""The whole of `hookline up`: from a hook event to a query that sees it, answers of pages and API, memory, idle processor time, stop."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from hookline.collector_client import Client
from hookline.operate.doctor import payloads
from hookline.system import locks, runtime
from support.person import Person, new_person
from support.running import FREE_PORTS, wait_for

Row = tuple[str, str, str]
EVENTS = 60
ANSWERS = 100
IDLE_S = 15.0


def main() -> None:
    """Measure and print `promise | target | measured`."""
    with tempfile.TemporaryDirectory() as folder:
        person = new_person(Path(folder))
        person.hookline("install", "claude-code")
        assert person.hookline("up", "--detach", *FREE_PORTS).returncode == 0
        try:
            for row in measure(person):
                print(" | ".join(row), flush=True)
        finally:
            begun = time.perf_counter()
            person.hookline("down")
        print(f"graceful stop of relay and collector | <= 5 s | {time.perf_counter() - begun:.2f} s")


def measure(person: Person) -> Iterator[Row]:
    """Yield the rows of a running Hookline."""
    found = runtime.read(person.data_dir / "collector.json")
    assert found is not None
    client = Client(found.url, (person.data_dir / "token").read_text().strip())
    collector, relay = psutil.Process(found.pid), psutil.Process(locks.holder(person.data_dir / "relay.lock") or 0)
    yield "hook event to visible in a query", "<= 1 s p99", visible(person, client)
    for name, path in (("summary", "/api/v1/summary"), ("status", "/api/v1/status"), ("live", "/api/v1/live"), ("first page", "/")):
        yield f"answer: {name}", "<= 100 ms p95", answers(lambda path=path: client.ask("GET", path, None))  # type: ignore[misc]
    time.sleep(12)
    yield "relay, resident memory", "<= 60 MB", megabytes(relay)
    yield "collector with the embedded engine, resident memory", "<= 400 MB", megabytes(collector)
    busy = (relay, collector)
    before = [sum(process.cpu_times()[:2]) for process in busy]
    time.sleep(IDLE_S)
    shares = [(sum(process.cpu_times()[:2]) - was) / IDLE_S for process, was in zip(busy, before, strict=True)]
    yield "relay, idle", "<= 1 % of a core", f"{shares[0] * 100:.2f} %"
    yield "collector, idle", "<= 3 % of a core", f"{shares[1] * 100:.2f} %"


def visible(person: Person, client: Client) -> str:
    """Return how long after its hook began an event was found by a query."""
    return quantiles([one_event(person, client, number) for number in range(EVENTS)], 0.5, 0.99)


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


def answers(ask: Callable[[], object]) -> str:
    """Return how long answers take, one asker at a time."""
    took = []
    for _ in range(ANSWERS):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    return quantiles(took, 0.5, 0.95)


def quantiles(took: list[float], *shares: float) -> str:
    """Return the quantiles in words."""
    ordered = sorted(took)
    return ", ".join(f"p{share * 100:.0f} {ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000:.0f} ms" for share in shares)


def megabytes(process: psutil.Process) -> str:
    """Return resident and unshared memory."""
    full = process.memory_full_info()
    return f"{full.rss / 1e6:.0f} MB (its own, without code shared from files: {full.uss / 1e6:.0f} MB)"


if __name__ == "__main__":
    main()
