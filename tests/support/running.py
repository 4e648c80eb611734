"""A collector that runs as a real process on free ports, and waiting for what happens."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from hookline.collector_client import PATIENCE_S, Client
from hookline.system import runtime
from hookline.system.runtime import Runtime
from support.person import Person
from support.template import furnish

SOON_S = 15.0
"""Far longer than what is quick takes where much else runs, far shorter than what it must not wait for."""
FREE_PORTS = ("--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--http", "127.0.0.1:0", "--clickhouse", "127.0.0.1:0")


KEPT_FOR_EVER = {
    f"HOOKLINE_RETENTION_{name}_DAYS": "0" for name in ("TRACES", "LOGS", "METRICS", "METRIC_MINUTES", "METRIC_HOURS", "DERIVED", "DATABASE")
}
"""The environment of a collector that is told of what was captured long ago."""


class PatientClient(Client):
    """Waits longer than a command does: the machine of the tests is busy."""

    def ask(self, method: str, path: str, body: Any, timeout_s: float = PATIENCE_S) -> bytes:
        """Return the answer's bytes."""
        return super().ask(method, path, body, 60.0 if timeout_s == PATIENCE_S else timeout_s)


@dataclass(frozen=True, slots=True)
class Running:
    """A collector that answers."""

    person: Person
    process: Popen[str]
    found: Runtime
    client: Client

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a statement."""
        rows: list[dict[str, Any]] = self.client.post("/api/v1/query?format=json", {"sql": sql})
        return rows

    def stop(self) -> float:
        """Stop it gracefully and return how long that took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - begun

    def kill(self) -> str:
        """Kill it, if it still runs, and return what it said."""
        self.process.kill()
        return "".join(self.process.communicate())


def start_collector(
    person: Person, env: Mapping[str, str] | None = None, *, furnished: bool = True, ports: tuple[str, ...] = FREE_PORTS, within_s: float = 120
) -> Running:
    """Start a collector on free ports and wait until it answers. `furnished` gives it a database that is migrated already."""
    if furnished:
        furnish(person.data_dir)
    process = person.start("collector", *ports, env=env)
    path = person.data_dir / "collector.json"
    try:
        wait_for(lambda: is_here(path, process.pid) or process.poll() is not None, within_s)
    except AssertionError:
        process.kill()
        raise AssertionError(f"the collector does not come up: {process.communicate()}") from None
    found = runtime.read(path)
    if found is None or process.poll() is not None:
        process.kill()
        raise AssertionError(f"the collector did not start: {process.communicate()}")
    return Running(person, process, found, PatientClient(found.url, (person.data_dir / "token").read_text().strip()))


def is_here(path: Path, pid: int) -> bool:
    """Whether this process noted its addresses; what a killed one left does not count."""
    found = runtime.read(path)
    return found is not None and found.pid == pid


def wait_for(done: Callable[[], object], within_s: float = 10, pause_s: float = 0.02) -> None:
    """Ask until the answer is yes; fail when the time is over. With a longer pause where to ask costs as much as what is waited for."""
    deadline = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(pause_s)
