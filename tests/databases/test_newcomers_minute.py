"""A newcomer's minute: from a bare PostgreSQL and an empty home to the cause of a fault, command by command, without SQL of one's own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hookline.system import runtime
from support.person import Person
from support.postgres import VERSIONS, PostgresServer, free_port
from support.running import wait_for
from support.template import furnish

pytestmark = [pytest.mark.long, pytest.mark.unwatched, pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here")]
PORTS = "\n".join(f'{name} = "127.0.0.1:0"' for name in ("otlp_grpc", "otlp_http", "http", "clickhouse"))
MINUTE_S = 60.0
SHOP = Path(__file__).parents[1] / "support" / "faulty_shop.py"


@dataclass(slots=True)
class CountedCommands:
    """What a person types, each command once however often it is looked at again, and how long it took."""

    person: Person
    took_s: dict[str, float] = field(default_factory=dict)

    def hookline(self, *arguments: str) -> str:
        """Run a command and return what it says."""
        began = time.monotonic()
        done = self.person.hookline(*arguments, within_s=180)
        self.took_s.setdefault(" ".join(arguments), time.monotonic() - began)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout


@contextmanager
def shop(server: PostgresServer, person: Person, otlp_http: str) -> Iterator[Callable[[str], None]]:
    """Run the shop; what is given visits it."""
    port = free_port()
    environment = {**person.environment, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{otlp_http}"}
    running = subprocess.Popen([sys.executable, str(SHOP), server.url(), str(port)], env=environment)

    def visit(path: str) -> None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120).read()

    def is_open() -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/reserve/2", timeout=5).read()
        except OSError:
            return False
        return True

    try:
        wait_for(is_open, 60)
        yield visit
    finally:
        running.kill()
        running.wait(20)


@contextmanager
def bare_server() -> Iterator[PostgresServer]:
    """Have a server that has never heard of Hookline, with a table of the shop."""
    with PostgresServer.start() as server:
        server.run("DROP EXTENSION pg_stat_statements; DROP EXTENSION pgstattuple; DROP OWNED BY hookline; DROP ROLE hookline", is_script=True)
        server.run(
            "CREATE TABLE stock (item int PRIMARY KEY, reserved int); INSERT INTO stock SELECT n, 0 FROM generate_series(1, 9) n", is_script=True
        )
        yield server


def test_the_cause_of_a_fault_is_found_in_a_minute(person: Person) -> None:
    """Four commands and a settings file of two lines; the fifth is the look at the report, which names who holds the others up and how to end it."""
    types = CountedCommands(person)
    with bare_server() as server:
        server.run(types.hookline("db", "setup", "--database", "postgres"), is_script=True)  # | psql
        file = person.home / ".config" / "hookline" / "config.toml"
        file.parent.mkdir(parents=True)
        file.write_text(f'[databases.shop]\nurl = "{server.url("hookline")}"\n[collector]\n{PORTS}\n')
        assert "✓ sessions" in types.hookline("db", "check", "shop")
        furnish(person.data_dir)  # what the first start makes, and takes half a minute for
        types.hookline("up", "--detach")
        try:
            found = runtime.read(person.data_dir / "collector.json")
            assert found is not None
            with shop(server, person, found.otlp_http) as visit:
                wait_for(lambda: "shop" in types.hookline("db", "top", "shop"), 30, pause_s=0.3)
                visit("/reserve/1?coupon=expired")
                began = time.monotonic()
                for _ in range(4):
                    threading.Thread(target=visit, args=("/reserve/1",), daemon=True).start()
                wait_for(lambda: "sat idle in a transaction" in types.hookline("db", "report"), MINUTE_S, pause_s=0.3)
                took_s = time.monotonic() - began
                report = types.hookline("db", "report")
                (holder,) = {line.split("pg_terminate_backend(")[1].split(")")[0] for line in report.splitlines() if "pg_terminate_backend(" in line}
                assert f"the backend {holder} of shop" in report
                server.run(f"SELECT pg_terminate_backend({int(holder)})")  # what it says to do next: the others go on, and say how long they waited
                wait_for(lambda: "/reserve/{item}" in types.hookline("slow", "--format", "csv"), 60, pause_s=0.3)
        finally:
            types.hookline("down")
    print("\n".join([f"{took_s:.1f} s from the fault to its cause", *(f"{name}: {took:.1f} s" for name, took in types.took_s.items())]))
    assert took_s < MINUTE_S
    assert list(types.took_s) == [
        "db setup --database postgres",
        "db check shop",
        "up --detach",
        "db top shop",
        "db report",
        "slow --format csv",
        "down",
    ]
