"""Collectors that store OTLP in a ClickHouse server, each as a process that can be killed and started again on what it left."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Literal, Protocol

from benchmarks.kept_runs import results_folder
from hookline.errors import HooklineError
from support.person import Person, new_person
from support.running import start_collector, wait_for

OTELCOL = results_folder() / "otelcol" / "otelcol"
HERE = Path(__file__).parent


class CollectorInView(Protocol):
    """What is done with each of them."""

    @property
    def name(self) -> str:
        """What it is and how it is set."""

    @property
    def address(self) -> str:
        """Where it takes OTLP/gRPC."""

    @property
    def table(self) -> str:
        """Where its spans stand."""

    @property
    def pid(self) -> int:
        """Its process."""

    def start(self) -> None:
        """Start it, or start it again, and return when it takes requests."""

    def end(self, number: int) -> None:
        """Send a signal and wait for the end."""


@dataclass(slots=True)
class HooklineInView:
    """Hookline's collector on a server, as it comes."""

    folder: Path
    server: str
    name: str = "Hookline"
    table: str = "hookline.otel_traces"
    address: str = ""
    pid: int = 0
    _process: Popen[str] | None = None
    _person: Person | None = None

    def start(self) -> None:
        """Start it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._person = self._person or new_person(self.folder)
        running = start_collector(self._person, {"HOOKLINE_STORE_URL": self.server, "HOOKLINE_RETENTION_TRACES_DAYS": "0"}, furnished=False)
        self._process, self.address, self.pid = running.process, running.found.otlp_grpc, running.process.pid

    def end(self, number: int) -> None:
        """Send a signal and wait for the end."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.communicate(timeout=30)


@dataclass(slots=True)
class OtelcolInView:
    """The OpenTelemetry Collector with its ClickHouse exporter; `queue` says where requests wait."""

    folder: Path
    server: str
    queue: Literal["memory", "disk", "disk, fsync"]
    table: str = "otel.otel_traces"
    pid: int = 0
    port: int = 0
    _process: Popen[bytes] | None = field(default=None)

    @property
    def name(self) -> str:
        """What it is and how it is set."""
        return f"OpenTelemetry Collector, queue: {self.queue}"

    @property
    def address(self) -> str:
        """Where it takes OTLP/gRPC."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        path = self.folder / "config.yaml"
        text = (HERE / "otelcol" / ("config_memory.yaml" if self.queue == "memory" else "config.yaml")).read_text()
        words = {"PORT": str(self.port), "FOLDER": str(self.folder), "SERVER": self.server, "FSYNC": str(self.queue == "disk, fsync").lower()}
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        path.write_text(text)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([str(OTELCOL), "--config", str(path)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.pid = self._process.pid
        wait_for(self._is_up, 60)

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise HooklineError(f"the OpenTelemetry Collector did not start: {(self.folder / 'log').read_text()[-2000:]}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def end(self, number: int) -> None:
        """Send a signal and wait for the end."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(60)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True, slots=True)
class ServerInView:
    """A ClickHouse server: its address and its process."""

    url: str
    pid: int


@contextmanager
def server_for_go(folder: Path) -> Iterator[ServerInView]:
    """Run a ClickHouse server that Python's and Go's clients can use."""
    folder.mkdir(parents=True)
    command = [sys.executable, str(HERE / "clickhouse_for_go.py"), str(folder), "0"]
    with Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder
    ) as process:  # it tells of each client that was killed
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port.isdigit(), "the ClickHouse test server did not start"
        try:
            yield ServerInView(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.send_signal(signal.SIGKILL)


def ask(server: ServerInView, sql: str) -> list[list[str]]:
    """Ask the server; return rows of texts."""
    with urllib.request.urlopen(urllib.request.Request(server.url, sql.encode()), timeout=120) as answer:
        return [line.split("\t") for line in answer.read().decode().splitlines()]
