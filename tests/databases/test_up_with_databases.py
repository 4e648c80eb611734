"""`hookline up` with a database configured: the agent is one of its children, its records reach the collector, and `hookline down` ends all."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from hookline.system import locks
from support.person import Person
from support.postgres import VERSIONS, shared_server
from support.running import wait_for
from support.template import furnish

pytestmark = [pytest.mark.long, pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here")]
PORTS = "\n".join(f'{name} = "127.0.0.1:0"' for name in ("otlp_grpc", "otlp_http", "http", "clickhouse"))


def test_the_agent_comes_and_goes_with_the_others(person: Person) -> None:
    """A killed one is started again, and what it saw can be asked for."""
    server = shared_server()
    file = person.home / ".config" / "hookline" / "config.toml"
    file.parent.mkdir(parents=True)
    furnish(person.data_dir)
    file.write_text(f'[collector]\n{PORTS}\n[databases]\ninterval_s = 0.5\n[databases.shop]\nurl = "{server.url("hookline")}"\n')
    assert person.hookline("up", "--detach", within_s=120).returncode == 0
    lock = person.data_dir / "databases.lock"
    try:
        first = wait_for_agent(person)
        wait_for(lambda: told(person) > 0, 60, pause_s=0.3)
        Path(f"/proc/{first}").stat()

        os.kill(first, signal.SIGKILL)
        wait_for(lambda: locks.holder(lock) not in (None, first), 60)
    finally:
        assert person.hookline("down").returncode == 0
    assert locks.holder(lock) is None


def wait_for_agent(person: Person) -> int:
    """Wait until the agent sees its database; return its process."""
    wait_for(lambda: seen(person) in {"seeing", "partly"}, 60, pause_s=0.3)
    return int(json.loads((person.data_dir / "databases.json").read_text())["pid"])


def seen(person: Person) -> str:
    """Return what the agent says that it sees."""
    said = person.hookline("db", "top", "shop", "--format", "json").stdout.splitlines()
    return str(json.loads(said[0])["state"]) if said else ""


def told(person: Person) -> int:
    """Return how many of the agent's records the collector has."""
    done = person.hookline("query", "SELECT count() AS n FROM otel_logs WHERE ScopeName = 'hookline.databases'", "--format", "json")
    return int(json.loads(done.stdout)[0]["n"]) if done.returncode == 0 else 0
