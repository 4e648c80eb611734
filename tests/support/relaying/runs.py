"""A relay under test: in a thread of this process, or as a process that can be killed."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

from hookline.relay import run
from hookline.settings import Settings
from hookline.settings.schema import RelaySettings
from hookline.spool import prepare
from support import warm

PROGRAM = """
import sys
from pathlib import Path
from dataclasses import replace
from hookline.fold import FoldRules
from hookline.relay import run
from hookline.settings import Settings
from hookline.settings.schema import CollectorSettings, RelaySettings
relay = RelaySettings(endpoint=sys.argv[2], protocol=sys.argv[3], max_backoff_s=0.1, sample_s=float(sys.argv[4]), metrics_s=float(sys.argv[4]))
collector = CollectorSettings(stop_timeout_s=float(sys.argv[5]))
settings = Settings(data_dir=Path(sys.argv[1]), relay=relay, collector=collector)
sys.exit(run(settings, None, lambda: print("ready", flush=True), FoldRules(late_s=float(sys.argv[6]))))
"""


def settings_for(folder: Path, endpoint: str, **relay: object) -> Settings:
    """Return settings for a relay with short waits; its spool is there already."""
    chosen = replace(RelaySettings(endpoint=endpoint, max_backoff_s=0.1, sample_s=0.2, metrics_s=0.2, process_check_s=0.2), **relay)  # type: ignore[arg-type]
    settings = Settings(data_dir=folder, relay=chosen)
    prepare(settings)
    return settings


class RelayThread:
    """A relay in a thread, stopped at the end of the block."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stop = threading.Event()
        self.code: int | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Stop and wait."""
        self.stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        self.code = run(self.settings, self.stop, self._ready.set)


class RelayProcess:
    """A relay as a process of its own."""

    def __init__(
        self,
        folder: Path,
        endpoint: str,
        protocol: str = "grpc",
        *,
        sample_s: float = 1.0,
        stop_s: float = 5.0,
        late_s: float = 60.0,
        is_ready: bool = True,
    ) -> None:
        self.process = warm.start(PROGRAM, [str(folder), endpoint, protocol, str(sample_s), str(stop_s), str(late_s)])
        if is_ready:
            self.wait_until_ready()

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_until_ready(self) -> None:
        """Wait for the line that says that it reads the spool."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", self.process.communicate()[1]

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()
        self._collect()

    def terminate(self, number: int = signal.SIGTERM, within_s: float = 15.0) -> int:
        """Send a signal and wait for the end; return the exit code."""
        self.process.send_signal(number)
        self._collect(within_s)
        return self.process.returncode

    def _collect(self, within_s: float = 15.0) -> None:
        self.output, self.errors = self.process.communicate(timeout=within_s)


def wait_until(done: Callable[[], bool], within_s: float = 15.0, what: str = "it") -> None:
    """Poll until `done`; fail the test after the deadline."""
    deadline = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline, f"{what} did not happen in {within_s} s"
        time.sleep(0.005)
