"""A person who works with an agent: Hookline runs for them as `hookline up` starts it, and hooks are called as their client calls them."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.agent_at_work import HookCall
from benchmarks.process_costs import Watched
from hookline.collector_client import Client
from hookline.install.command import hook_command, quote_path
from hookline.settings import Settings
from hookline.system import locks, runtime
from support.person import Person, new_person
from support.running import FREE_PORTS, wait_for
from support.template import furnish


class PersonAtWork:
    """A running Hookline, the client's process, and what each part uses."""

    def __init__(self, person: Person, supervisor_pid: int) -> None:
        found = runtime.read(person.data_dir / "collector.json")
        assert found is not None
        self.person = person
        self.settings = Settings(data_dir=person.data_dir)
        self.client = Client(found.url, (person.data_dir / "token").read_text().strip())
        self.relay = Watched(locks.holder(person.data_dir / "relay.lock") or 0)
        self.collector = Watched(found.pid)
        self.supervisor = Watched(supervisor_pid)
        self.agent = subprocess.Popen(["sh", "-c", "sleep 3600 & sleep 3600 & wait"], start_new_session=True)
        self._hook = hook_command(quote_path(self.settings.hook_path))
        self._environment = {**person.environment, "CLAUDE_PID": str(self.agent.pid), "CLAUDE_CODE_ENTRYPOINT": "cli"}

    def fire(self, call: HookCall) -> float:
        """Let the client write its transcript and call its hook; return the hook's processor time."""
        call.write_line()
        read, send = os.pipe()
        os.write(send, call.payload)
        os.close(send)
        actions = [(os.POSIX_SPAWN_DUP2, read, 0), (os.POSIX_SPAWN_CLOSE, read)]
        child = os.posix_spawn("/bin/sh", ["/bin/sh", "-c", self._hook], self._environment, file_actions=actions)
        os.close(read)
        _, status, used = os.wait4(child, 0)
        assert status == 0, f"the hook ended with {status}"
        return used.ru_utime + used.ru_stime

    def count(self, sql: str) -> int:
        """Ask for one number."""
        return int(self.client.post("/api/v1/query", {"sql": sql})["rows"][0][0])

    def waiting_events(self) -> int:
        """Return how many events the relay has not delivered yet."""
        return sum(1 for _ in self.settings.spool_dir.glob("*.ev"))

    def watch(self) -> None:
        """Count what is used from now on."""
        for part in (self.relay, self.collector, self.supervisor):
            part.restart()

    def leave(self) -> None:
        """End the client."""
        os.killpg(self.agent.pid, signal.SIGTERM)
        self.agent.wait()


@contextmanager
def person_at_work(home: Path) -> Iterator[PersonAtWork]:
    """Start Hookline with the embedded engine, and stop it at the end."""
    person = new_person(home)
    installed = person.hookline("install", "claude-code")
    assert installed.returncode == 0, installed.stderr
    furnish(person.data_dir)
    up = person.start("up", *FREE_PORTS)
    try:
        wait_for(lambda: up.poll() is not None or _is_up(person), 90)
        assert up.poll() is None, up.communicate()
        working = PersonAtWork(person, up.pid)
        try:
            yield working
        finally:
            working.leave()
    finally:
        up.terminate()
        up.communicate(timeout=30)


def _is_up(person: Person) -> bool:
    return bool((person.data_dir / "collector.json").exists() and locks.holder(person.data_dir / "relay.lock"))
