"""Children of one process: started, watched, started again after a pause, stopped in order.

Each child holds the reading end of a pipe as its standard input and leaves when the pipe closes (`lifetime`), so no child
outlives a supervisor that was killed. The pause before a restart doubles from half a second to half a minute and
begins anew after a minute of life. Nothing but the standard library and this folder is imported: this process stays small.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hookline.system.backoff import Backoff
from hookline.system.inotify import wake_pipe
from hookline.system.parent_watch import SUPERVISED

RESTARTS = Backoff(first_s=0.5, longest_s=30.0)
STEADY_S = 60.0


@dataclass(slots=True)
class Child:
    """One supervised process. `environment` is asked at each start, so that it can know what came up before."""

    name: str
    arguments: Sequence[str]
    environment: Callable[[], Mapping[str, str]]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    _failures: int = 0
    _started_at: float = 0.0
    _start_again_at: float = field(default=0.0)

    @property
    def pid(self) -> int:
        """The process id, 0 when it does not run."""
        return self.process.pid if self.process is not None else 0

    def start(self, now: float) -> None:
        """Start the process, in a group of its own: a Ctrl-C in the terminal reaches the supervisor alone, which stops its children in order."""
        environment = {**self.environment(), SUPERVISED: "1"}
        self.process = subprocess.Popen(list(self.arguments), stdin=subprocess.PIPE, env=environment, process_group=0)
        self._started_at = now

    def exit_code(self) -> int | None:
        """Return the exit code of a process that ended, None while it runs or before it was started."""
        return self.process.poll() if self.process is not None else None

    def check(self, now: float) -> str:
        """Look after the child once; return what happened, for the log, or an empty text."""
        code = self.exit_code()
        if code is not None:
            return self._on_exit(code, now)
        if self.process is None and now >= self._start_again_at:
            self.restarts += 1
            self.start(now)
            return f"{self.name}: started again as process {self.pid}"
        return ""

    def due_in_s(self, now: float) -> float | None:
        """Return how long until it is to be looked after although it did not end; None while it runs."""
        return None if self.process is not None else max(0.0, self._start_again_at - now)

    def stop(self, within_s: float) -> None:
        """Ask the process to leave; kill it when it has not left in time."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._close()

    def _on_exit(self, code: int, now: float) -> str:
        self._failures = 0 if now - self._started_at >= STEADY_S else self._failures + 1
        pause = RESTARTS.pause(self._failures + 1)
        self._start_again_at = now + pause
        self._close()
        return f"{self.name}: ended with {describe_exit(code)}; starting again in {pause:g} s"

    def _close(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None


class OneShot:
    """One process that is run once, at low priority, and is not started again when it fails."""

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self.name = name
        self._arguments = ["nice", "-n", "10", *arguments] if shutil.which("nice") else list(arguments)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it."""
        self._process = subprocess.Popen(self._arguments, stdin=subprocess.DEVNULL, env=dict(environment), process_group=0)

    def result(self) -> int | None:
        """Return the exit code, once; None before the end, before the start and ever after."""
        code = self._process.poll() if self._process is not None else None
        if code is not None:
            self._process = None
        return code

    def stop(self, within_s: float) -> None:
        """End it when it still runs."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Signalled:
    """Sleeps until a signal comes, the end of a child among them, or the time is over. One a process, in its main thread; a signal that came
    before it sleeps ends the sleep."""

    def __init__(self) -> None:
        self._read, self._write = wake_pipe()
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only a signal with a handler is told
        self._before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def sleep(self, most_s: float) -> None:
        """Sleep."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        if poll.poll(most_s * 1000):
            os.read(self._read, 4096)

    def close(self) -> None:
        """Hear of signals no more."""
        signal.set_wakeup_fd(self._before)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in (self._read, self._write):
            os.close(descriptor)


def describe_exit(code: int) -> str:
    """Return an exit code as a person reads it."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def wait_until(done: Callable[[], bool], within_s: float, every_s: float = 0.05) -> bool:
    """Ask `done` until it says yes or the time is over; return its last answer."""
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every_s)
    return True
