"""The client of an agent that does not tell its process: the hook's nearest ancestor that is no shell."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hookline.agent_event import AgentEvent
from hookline.agents.client_process import parent_pid, with_client_pid
from hookline.contract.events import EventKind


def event(pid: int | None, *, is_beside: bool = False) -> AgentEvent:
    return AgentEvent(1, "u", "codex", EventKind.OTHER, "s", pid=pid, is_beside=is_beside)


def test_a_shell_between_is_passed_over() -> None:
    """However many: what runs the shell is the client."""
    script = "sh -c 'read -r line; :'; :"
    shell = subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE)
    try:
        assert with_client_pid(event(shell.pid)).pid == os.getpid()
    finally:
        shell.communicate(b"\n")


def test_a_client_is_its_own() -> None:
    """No shell stands between where the hook took the shell's place."""
    client = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert with_client_pid(event(client.pid)).pid == client.pid
    finally:
        client.communicate(b"\n")
    assert with_client_pid(event(client.pid)).pid == client.pid, "one that is gone stays as it was told"


def test_what_names_no_process_or_is_no_hooks_stays_as_it_is() -> None:
    """The relay's own events name none."""
    assert with_client_pid(event(None)).pid is None
    assert with_client_pid(event(os.getppid(), is_beside=True)).pid == os.getppid()


@pytest.mark.parametrize(("said", "pid"), [("77", 77), ("", None), ("1", None), ("x", None), ("99999999999", None), ("²", None)])
def test_the_parent_is_read_from_the_first_line(said: str, pid: int | None) -> None:
    """Anything else is nothing."""
    assert parent_pid({"ppid": said}) == pid
