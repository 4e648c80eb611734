"""Commands of a client's that run: child processes with a command line as that client makes it.

Hooks, servers and other helpers of the client's are children as well; a mark in the command line tells its commands from them.
"""

from __future__ import annotations

import psutil

from hookline.agents.equipment import RunningCommand
from hookline.resources.table import children_by_parent
from hookline.system.process import ProcessKey


def marked_children(mark: str, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
    """Return the commands that run under a client and began after a time, the oldest first."""
    found: list[RunningCommand] = []
    for pid in children_by_parent().get(client.pid, ()):
        try:
            child = psutil.Process(pid)
            command = RunningCommand(ProcessKey(child.pid, child.create_time()))
            if command.began_ns > after_ns and any(mark in word for word in child.cmdline()):
                found.append(command)
        except (psutil.Error, OSError, ValueError):
            continue
    return sorted(found, key=lambda command: command.began_ns)
