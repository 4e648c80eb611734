"""Commands of a client's that run: child processes with a command line as that client makes it.

Hooks, servers and other helpers of the client's are children as well. A mark in the command line tells its commands from them, or that a command
leads a session of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import psutil

from hookline.agents.equipment import RunningCommand
from hookline.resources.table import children_of
from hookline.system.process import ProcessKey, boot_time_rest_s


def marked_children(mark: str, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
    """Return the children of a client that have a mark and began after a time, the oldest first."""
    return _children(client, after_ns, lambda child: any(mark in word for word in child.cmdline()))


def leading_children(client: ProcessKey, after_ns: int, is_other: Callable[[Sequence[str]], bool]) -> list[RunningCommand]:
    """Return those that lead a session of their own, whose command line is not something else's."""
    return _children(client, after_ns, lambda child: os.getsid(child.pid) == child.pid and not is_other(child.cmdline()))


def _children(client: ProcessKey, after_ns: int, is_command: Callable[[psutil.Process], bool]) -> list[RunningCommand]:
    found: list[RunningCommand] = []
    rest_s = boot_time_rest_s()
    for pid in children_of(client.pid):
        try:
            child = psutil.Process(pid)
            command = RunningCommand(ProcessKey(child.pid, child.create_time() + rest_s))
            if command.began_ns > after_ns and is_command(child):
                found.append(command)
        except (psutil.Error, OSError, ValueError):
            continue
    return sorted(found, key=lambda command: command.began_ns)
