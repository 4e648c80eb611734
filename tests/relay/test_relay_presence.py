"""What the relay sees of processes and of the machine's sleep."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hookline.agents import AgentEvent
from hookline.agents.claude_code.commands import commands_of
from hookline.agents.equipment import RunningCommand
from hookline.contract.events import EventKind
from hookline.fold import OpenWait, Thinking
from hookline.relay.watch.presence import Presence
from hookline.relay.watch.sleeps import SleepWatch, system_clocks
from hookline.relay.watch.watched_sessions import WatchedSessions
from hookline.resources.drawing import bytes_written
from hookline.resources.exits import ExitWatch
from hookline.system.process import ProcessKey, format_created, identify
from support.running import wait_for

S = 1_000_000_000


@contextmanager
def sleeper(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that sleeps."""
    process = subprocess.Popen(arguments or (sys.executable, "-c", "import time; time.sleep(60)"))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def key_of(process: subprocess.Popen[bytes]) -> ProcessKey:
    key = identify(process.pid)
    assert key is not None
    return key


class Told:
    """Takes what would be left in the spool."""

    def __init__(self) -> None:
        self.events: dict[str, tuple[dict[str, Any], str, int]] = {}

    def __call__(self, spool: Path, name: str, payload: bytes, env: Mapping[str, str], time_ns: int) -> None:
        assert name not in self.events
        self.events[name] = (json.loads(payload), env["source"], time_ns)


class Clocks:
    """Two clocks that are moved by hand."""

    def __init__(self) -> None:
        self.running_s = 1000.0
        self.standing_s = 1000.0

    def work(self, seconds: float) -> None:
        self.running_s += seconds
        self.standing_s += seconds

    def watch(self) -> SleepWatch:
        return SleepWatch(lambda: self.running_s, lambda: self.standing_s)


@dataclass
class Folded:
    """What the fold says."""

    waiting: tuple[OpenWait, ...]
    thoughts: tuple[Thinking, ...]

    def waits(self) -> tuple[OpenWait, ...]:
        return self.waiting

    def thinking(self) -> tuple[Thinking, ...]:
        return self.thoughts


def sessions(*ids: str, pid: int | None = None, created: str = "") -> WatchedSessions:
    live = WatchedSessions(3600.0)
    for n, session_id in enumerate(ids):
        live.see(AgentEvent(n + 1, f"u{n}", "claude-code", EventKind.PROMPT_SUBMITTED, session_id, pid=pid, process_created=created), 1)
    return live


def presence(
    live: WatchedSessions,
    told: Told,
    clocks: Clocks | None = None,
    waits: tuple[OpenWait, ...] = (),
    wake: Callable[[], None] = lambda: None,
    commands: Callable[[ProcessKey, int], list[RunningCommand]] = commands_of,
    thinking: tuple[Thinking, ...] = (),
    written: Callable[[int], int | None] = bytes_written,
) -> Presence:
    return Presence(
        Path("spool"),
        live,
        Folded(waits, thinking),
        (clocks or Clocks()).watch(),
        wake,
        lambda agent, client, after: commands(client, after),
        told,
        written,
    )


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the kernel tells nothing here")
def test_an_exit_is_told_once_by_the_kernel() -> None:
    """Also by kill -9; a process that is given up is not told of."""
    ended: list[tuple[ProcessKey, int]] = []
    told = threading.Event()

    def on_exit(key: ProcessKey, at_ns: int) -> None:
        ended.append((key, at_ns))
        told.set()

    watch = ExitWatch(on_exit)
    with sleeper() as killed, sleeper() as left:
        key, other = key_of(killed), key_of(left)
        assert watch.watch(key)
        assert watch.watch(key)
        assert watch.watch(other)
        watch.keep({key})
        left.kill()
        left.wait()
        begin_ns = time.time_ns()
        killed.kill()
        assert told.wait(10)
        assert [found for found, _ in ended] == [key]
        assert begin_ns <= ended[0][1] <= time.time_ns()
    watch.close()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the kernel tells nothing here")
def test_a_process_that_is_gone_or_another_one_is_not_watched() -> None:
    """Its pid may have come round."""
    watch = ExitWatch(lambda key, at_ns: None)
    with sleeper() as process:
        key = key_of(process)
        assert not watch.watch(ProcessKey(key.pid, key.created_s - 100))
    assert not watch.watch(key)
    watch.close()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the kernel tells nothing here")
def test_the_end_of_a_sessions_process_is_an_event_at_the_time_of_the_exit() -> None:
    """Seen, not found missing; the session lives no longer."""
    woken = threading.Event()
    with sleeper() as process:
        key = key_of(process)
        live = sessions("s", pid=key.pid, created=format_created(key.created_s))
        seen = presence(live, Told(), wake=woken.set)
        seen.watch()
        process.kill()
        assert woken.wait(10)
        (gone,) = seen.pop_exits()
    assert (gone.kind, gone.session_id, gone.pid, gone.is_seen) == (EventKind.PROCESS_GONE, "s", key.pid, True)
    assert abs(gone.time_ns - time.time_ns()) < 60 * S
    assert len(live) == 0
    seen.close()


def test_a_sleep_is_told_to_each_session_that_lived_before_it() -> None:
    """At the wake, with its length; a session that begins afterwards knows nothing of it."""
    clocks, told = Clocks(), Told()
    live = sessions("a", "b")
    seen = presence(live, told, clocks)
    seen.report_sleep(S)
    clocks.work(2)
    seen.report_sleep(3 * S)
    assert not told.events
    clocks.running_s += 3600
    live.see(AgentEvent(9, "new", "claude-code", EventKind.PROMPT_SUBMITTED, "new"), 1)
    seen.report_sleep(3603 * S)
    assert [(p["hook_event_name"], p["session_id"], p["slept_ms"], source, at) for p, source, at in told.events.values()] == [
        ("Suspended", "a", 3_600_000, "relay", 3603 * S),
        ("Suspended", "b", 3_600_000, "relay", 3603 * S),
    ]
    seen.close()


def test_work_and_a_clock_that_is_set_are_no_sleep() -> None:
    """Only what one clock counts and the other does not; the system's own two are set by nobody."""
    clocks = Clocks()
    watch = clocks.watch()
    clocks.work(86_400)
    assert watch.slept_s() == 0
    clocks.running_s += 1.0
    assert watch.slept_s() == 0
    running, standing = system_clocks()
    if sys.platform in ("linux", "darwin"):
        assert running is not time.time
    assert SleepWatch(running, standing).slept_s() == 0


def wait(call_id: str = "c", tool: str = "Bash", reason: str = "permission") -> OpenWait:
    return OpenWait(f"w-{call_id}", "s", "claude-code", reason, 5 * S, tool, call_id)


def test_a_command_that_runs_ends_the_wait_of_the_one_shell_call_that_asked() -> None:
    """Told once, at the time at which its process began; of two calls that ask at once it is not known whose it is."""
    live = sessions("s", pid=77, created="2026-01-01T00:00:00Z")

    def commands(client: ProcessKey, after_ns: int) -> list[RunningCommand]:
        assert (client.pid, after_ns) == (77, 5 * S)
        return [RunningCommand(ProcessKey(78, 9.5))]

    for waits, expected in (
        ((wait(),), ["running-c"]),
        ((wait(), wait("d")), []),
        ((wait(tool="Edit"),), []),
        ((wait(reason="answer"),), []),
    ):
        told = Told()
        seen = presence(live, told, waits=waits, commands=commands)
        for _ in range(2):
            seen.report_commands(seen.shell_waits())
        assert list(told.events) == expected
        if expected:
            payload, source, at_ns = told.events["running-c"]
            assert (payload["hook_event_name"], payload["tool_use_id"], source, at_ns) == ("ToolRunning", "c", "process", 9_500_000_000)
        seen.close()


def test_a_command_of_the_client_is_told_from_hooks_and_helpers() -> None:
    """By how the client's shell command ends; one that began before the question is none of it."""
    program = (
        "import subprocess, sys, time\n"
        "subprocess.Popen(['sh', '-c', 'sleep 60; true'])\n"
        "subprocess.Popen(['sh', '-c', 'sleep 60 && pwd -P >| /tmp/claude-1-cwd'])\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen((sys.executable, "-c", program), stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        client = key_of(process)
        wait_for(lambda: commands_of(client, 0), 10)  # the kernel lets a program's starter go on a moment before it shows the command line
        assert len(commands_of(client, 0)) == 1
        assert commands_of(client, time.time_ns() + 60 * S) == []
    finally:
        os.killpg(process.pid, 9)
        process.communicate()
    assert commands_of(client, 0) == []


THINKS = [95690, 121, 422, 107, 219, 42, 2100, 62, 189, 62, 198, 81, 256, 154, 267, 111, 189, 62, 198]  # bytes each half second, as measured
IDLES = [0, 40, 0, 24, 0, 40, 24, 24, 0, 32, 0, 24, 0, 32]
ESCAPE = [106, 2772]


def quiet_of(drawn: list[int], entrypoint: str = "cli") -> list[tuple[str, float]]:
    """Return the turns that were told to be quiet, each with seconds after the first look, for what a client draws each half second."""
    told, total = Told(), [0]
    live = sessions("s", pid=77, created="2026-01-01T00:00:00Z")
    seen = presence(live, told, thinking=(Thinking("s", "p", S, entrypoint),), written=lambda pid: total[0])
    for n, count in enumerate([0, *drawn]):
        total[0] += count
        seen.report_quiet(seen.thinking(), 100 * S + n * S // 2)
    seen.close()
    return [(payload["prompt_id"], at_ns / S - 100) for payload, _, at_ns in told.events.values()]


def test_a_client_that_stops_drawing_while_it_thinks_was_stopped() -> None:
    """Once, where the silence begins, within half a second of the key."""
    pressed_s = (len(THINKS) + 1) / 2
    ((prompt_id, at_s),) = quiet_of([*THINKS, *ESCAPE, *IDLES, *IDLES])
    assert prompt_id == "p"
    assert abs(at_s - pressed_s) <= 0.5


def test_a_client_that_thinks_on_or_was_never_seen_to_draw_was_not_stopped() -> None:
    """Nor one that no person sits at."""
    assert quiet_of(THINKS * 20) == []
    assert quiet_of(IDLES * 5) == []
    assert quiet_of([*THINKS, *IDLES], "sdk-cli") == []
    assert quiet_of([*THINKS, *IDLES[:3]]) == []
