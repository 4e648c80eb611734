"""A command that Codex's client runs is seen by its process."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from hookline.agents.codex.shell_commands import commands_of, is_hook
from hookline.system.process import ProcessKey

TICK_NS = 20_000_000


@pytest.mark.parametrize(
    ("words", "hook"),
    [
        (["/bin/bash", "-lc", "npm test; true"], False),
        (["npm", "test"], False),
        (["codex-linux-sandbox", "--sandbox-policy-cwd", "/srv"], False),
        (["/bin/bash", "-c", "npm test; true"], False),
        (["/bin/bash", "-c", "test ! -x '/d/hook.sh' || exec '/d/hook.sh' agent=codex # hookline"], True),
        (["/bin/sh", "/home/ana/.local/state/hookline/hook.sh", "agent=codex"], True),
        ([], False),
    ],
)
def test_our_hook_is_no_command(words: list[str], hook: bool) -> None:
    """They are started as commands are; ours is known by its script."""
    assert is_hook(words) is hook


def test_a_command_leads_a_session_of_its_own() -> None:
    """A helper does not; what began before the permission is another's."""
    me, before_ns = ProcessKey(os.getpid(), 0.0), time.time_ns() - 2_000_000_000
    helper = subprocess.Popen(["sleep", "20"])
    command = subprocess.Popen(["sleep", "20"], start_new_session=True)
    try:
        assert [found.key.pid for found in commands_of(me, before_ns)] == [command.pid]
        assert commands_of(me, time.time_ns() + 60_000_000_000) == []
    finally:
        for process in (helper, command):
            process.kill()
            process.wait()


def test_a_command_began_when_it_was_started() -> None:
    """To a tick of the kernel's clock, though the boot time, from which creation times are told, comes in whole seconds."""
    before_ns = time.time_ns()
    with subprocess.Popen(["sleep", "20"], start_new_session=True) as command:
        after_ns = time.time_ns()
        [found] = commands_of(ProcessKey(os.getpid(), 0.0), before_ns - TICK_NS)
        command.kill()
    assert before_ns - TICK_NS <= found.began_ns <= after_ns + TICK_NS
