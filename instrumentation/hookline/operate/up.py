"""`hookline up`: relay and collector together for one person, and the agent beside databases where some are configured.

Two processes under a small supervisor, so that a crash of one does not take the other along and each keeps to its own
memory. The collector comes first and the relay gets its addresses, so port 0 works. After a restart the collector gets the
addresses that it had, so that links, relay and other senders stay right. The relay stops first: what it holds is delivered.
The first start reads the agent's history in the background, at low priority; if interrupted, it continues at the next start.

`start_in_background` is what `make up` runs: it returns when everything answers, and when everything already runs it says so.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from hookline.agents import AGENTS
from hookline.errors import HooklineError, NotRunning
from hookline.settings import Loaded, Settings
from hookline.system import ground, locks, runtime
from hookline.system.parent_watch import is_supervised
from hookline.system.process import identify
from hookline.system.supervisor import Child, OneShot, Signalled, describe_exit, wait_until

START_PATIENCE_S = 60.0
STOP_PATIENCE_S = 15.0
TEND_EVERY_S = 60.0
"""The log is kept small so often; an end of a child is heard of at once."""
LOG_MAX_BYTES = 8 * 1024 * 1024

Say = Callable[[str], None]


def lock_path(settings: Settings) -> Path:
    """Return the path of the lock that a running `hookline up` holds."""
    return settings.data_dir / "up.lock"


def _has_history(environment: Mapping[str, str]) -> bool:
    """Whether any agent has a folder of transcripts."""
    return any(transcripts.root(environment).is_dir() for agent in AGENTS.values() if (transcripts := agent.transcripts()))


def log_path(settings: Settings) -> Path:
    """Return the path of the log of a `hookline up` in the background."""
    return settings.data_dir / "hookline.log"


def run(loaded: Loaded, environment: Mapping[str, str], say: Say, ready: Callable[[], None]) -> None:
    """Run until SIGTERM or SIGINT. Raises AlreadyRunning, and HooklineError when the collector does not come up."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with locks.hold(lock_path(loaded.settings), "hookline up"):
        await_former(loaded.settings, say)
        Together(loaded, environment, say).run(stop, ready)


def await_former(settings: Settings, say: Say) -> None:
    """Wait for the parts that a killed `hookline up` left: they stop by themselves. One that somebody started alone is not waited for."""
    for part in ("collector", "relay", "databases"):
        lock = settings.data_dir / f"{part}.lock"
        pid = locks.holder(lock)
        if pid and is_supervised(pid):
            say(f"waiting for the {part} of an earlier start to stop (process {pid}) ...")
            wait_until(partial(_has_left, lock, pid), settings.collector.stop_timeout_s + STOP_PATIENCE_S)


def _has_left(lock: Path, pid: int) -> bool:
    return locks.holder(lock) != pid


def _is_held_by(lock: Path, pid: int) -> bool:
    return locks.holder(lock) == pid


class Together:
    """The children and what ties them together."""

    def __init__(self, loaded: Loaded, environment: Mapping[str, str], say: Say) -> None:
        self._loaded = loaded
        self._environment = dict(environment)
        self._say = say
        self._found: runtime.Runtime | None = None
        self._collector = Child("collector", _command("collector"), self._collector_environment)
        self._relay = Child("relay", _command("relay"), self._relay_environment)
        self._databases = Child("databases", _command("databases"), self._relay_environment) if loaded.settings.databases.named else None
        self._history = OneShot("history", [*_command("backfill"), "--quiet"])

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Start both, look after them, stop both."""
        try:
            self._start_collector(stop)
            if stop.is_set():
                return
            self._relay.start(time.monotonic())
            if self._databases is not None:
                self._databases.start(time.monotonic())
            self._start_history()
            ready()
            self._check_children(stop)
        finally:
            self._history.stop(within_s=2)
            if self._databases is not None:
                self._databases.stop(within_s=8)
            self._relay.stop(within_s=5)
            self._collector.stop(within_s=self._loaded.settings.collector.stop_timeout_s + 2)

    def _start_collector(self, stop: threading.Event) -> None:
        """Start the collector and wait until it answers. A first start that fails is not tried again: a person must act."""
        self._collector.start(time.monotonic())
        arrived = wait_until(lambda: stop.is_set() or self._collector.exit_code() is not None or self._is_up(), START_PATIENCE_S)
        code = self._collector.exit_code()
        if code is not None and not stop.is_set():
            raise HooklineError(f"the collector did not start ({describe_exit(code)}); its messages are above")
        if not arrived:
            raise HooklineError(f"the collector did not answer within {START_PATIENCE_S:g} s")

    def _is_up(self) -> bool:
        found = runtime.read(self._loaded.settings.runtime_path)
        if found is None or found.pid != self._collector.pid:
            return False
        self._found = found
        return True

    def _start_history(self) -> None:
        """Read the agent's history once in a data folder's life; there may be none, then later."""
        if not self._history_mark.exists() and _has_history(self._environment):
            self._history.start(self._relay_environment())

    @property
    def _history_mark(self) -> Path:
        return self._loaded.settings.data_dir / "history.done"

    def _check_history(self) -> None:
        code = self._history.result()
        if code == 0:
            self._history_mark.touch(mode=0o600)
            self._say("history: read the agent's transcripts")
        elif code is not None:
            self._say(f"history: ended with {describe_exit(code)}; it continues at the next start, or with `hookline backfill`")

    def _check_children(self, stop: threading.Event) -> None:
        """Look after the children until `stop` is set, which a signal does."""
        children = (self._collector, self._relay, *((self._databases,) if self._databases is not None else ()))
        with contextlib.closing(Signalled()) as signals:
            while not stop.is_set():
                now = time.monotonic()
                for child in children:
                    if news := child.check(now):
                        self._say(news)
                self._check_history()
                trim_log(log_path(self._loaded.settings))
                signals.sleep(min([TEND_EVERY_S, *(due_s for child in children if (due_s := child.due_in_s(now)) is not None)]))

    def _collector_environment(self) -> Mapping[str, str]:
        """Keep the addresses of the first start."""
        if self._found is None:
            return self._environment
        kept = {"HOOKLINE_COLLECTOR_OTLP_GRPC": self._found.otlp_grpc, "HOOKLINE_COLLECTOR_OTLP_HTTP": self._found.otlp_http}
        if self._found.clickhouse:
            kept["HOOKLINE_COLLECTOR_CLICKHOUSE"] = self._found.clickhouse
        return self._environment | kept | {"HOOKLINE_COLLECTOR_HTTP": self._found.http}

    def _relay_environment(self) -> Mapping[str, str]:
        """Point the relay at our collector, unless the settings name another endpoint."""
        if self._found is None or self._loaded.origins["relay.endpoint"] != "default":
            return self._environment
        return self._environment | relay_variables(self._loaded, self._found)


def relay_variables(loaded: Loaded, found: runtime.Runtime) -> dict[str, str]:
    """Return what a relay needs to reach this collector: endpoint, token and certificate.

    They speak HTTP unless the settings say gRPC: its library wakes each of the two processes several times a second, also while nobody sends.
    """
    settings = loaded.settings
    if settings.relay.protocol == "grpc" and loaded.origins["relay.protocol"] != "default":
        variables = {"HOOKLINE_RELAY_ENDPOINT": found.otlp_endpoint}
    else:
        endpoint = f"{'https' if found.tls else 'http'}://{runtime.reachable(found.otlp_http)}"
        variables = {"HOOKLINE_RELAY_ENDPOINT": endpoint, "HOOKLINE_RELAY_PROTOCOL": "http/protobuf"}
    if settings.collector.otlp_token and not settings.relay.headers:
        variables["HOOKLINE_RELAY_HEADERS"] = f"authorization=Bearer {settings.collector.otlp_token}"
    if found.tls and not settings.relay.certificate:
        variables["HOOKLINE_RELAY_CERTIFICATE"] = settings.collector.tls_certificate
    return variables


def is_running(settings: Settings) -> bool:
    """Whether a `hookline up` runs on this data folder, with a collector that answers and a relay."""
    collector, relay = runtime.read(settings.runtime_path), locks.holder(settings.data_dir / "relay.lock")
    pid = locks.holder(lock_path(settings))
    return pid is not None and identify(pid) is not None and collector is not None and relay is not None


def start_in_background(settings: Settings, environment: Mapping[str, str], say: Say) -> bool:
    """Start `hookline up` as a process of its own; False when it runs already. Raises HooklineError with the log when it fails."""
    ground.make(settings.data_dir)
    if _runs_already(settings):
        return False
    await_former(settings, say)
    say("Starting the collector and its database ...")
    log = log_path(settings)
    with _opened(log) as sink:
        begin = log.stat().st_size
        process = subprocess.Popen(_command("up"), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env=dict(environment), start_new_session=True)
    is_ours = partial(_is_held_by, lock_path(settings), process.pid)
    wait_until(lambda: process.poll() is not None or (is_ours() and _has_collector(settings)), START_PATIENCE_S)
    if process.poll() is None:
        say("Starting the relay ...")
    if not wait_until(lambda: process.poll() is not None or (is_running(settings) and is_ours()), START_PATIENCE_S):
        raise HooklineError(f"it is still starting after {START_PATIENCE_S:g} s; see {log}")
    if process.poll() is not None:
        raise _not_started(log, begin)
    return True


def _runs_already(settings: Settings) -> bool:
    """Whether another `hookline up` runs or is still starting; one that ends meanwhile, as it was killed, counts as none."""
    wait_until(lambda: not _is_held(settings) or is_running(settings), START_PATIENCE_S)
    return _is_held(settings)


def _is_held(settings: Settings) -> bool:
    return locks.holder(lock_path(settings)) is not None


def _not_started(log: Path, begin: int) -> HooklineError:
    if (said := _tail(log, begin)) or os.statvfs(log.parent).f_bavail:
        return HooklineError(f"it did not start:\n{said}")
    return ground.explain(log.parent, OSError(errno.ENOSPC, ""))  # nor was there room for what it said


def _opened(log: Path) -> BinaryIO:
    try:
        return open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")  # noqa: PTH123 - private from the first moment
    except OSError as why:
        raise ground.explain(log.parent, why) from None


def stop_background(settings: Settings) -> int:
    """Stop a running `hookline up` and wait for its end; return its pid. Raises NotRunning."""
    pid = locks.holder(lock_path(settings))
    if not pid:
        raise NotRunning(f"no `hookline up` is running on {settings.data_dir}")
    os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: locks.holder(lock_path(settings)) != pid, STOP_PATIENCE_S):
        raise HooklineError(f"process {pid} did not stop within {STOP_PATIENCE_S:g} s: kill -9 {pid} loses nothing that was acknowledged")
    return pid


def _has_collector(settings: Settings) -> bool:
    found = runtime.read(settings.runtime_path)
    return found is not None and locks.holder(settings.data_dir / "collector.lock") == found.pid


def trim_log(log: Path) -> None:
    """Empty a log past its limit, keeping what it held as `.1`; its writers append, so they go on at the start."""
    try:
        if log.stat().st_size <= LOG_MAX_BYTES:
            return
        log.with_name(log.name + ".1").write_bytes(log.read_bytes())
        os.truncate(log, 0)
    except OSError:
        return


def _command(part: str) -> list[str]:
    return [sys.executable, "-m", "hookline", part]


def _tail(log: Path, begin: int, limit: int = 4_000) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read()[-limit:].decode(errors="replace").strip()
