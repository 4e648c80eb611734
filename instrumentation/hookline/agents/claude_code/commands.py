"""A command of the client's that runs: a child process with a shell's command line as Claude Code makes it.

The client runs a command as `bash -c "source <snapshot> && eval '...' && pwd -P >| /tmp/claude-...-cwd"`. Hooks, servers and helpers are children as
well; none of them ends that way.
"""

from __future__ import annotations

import psutil

from hookline.agents.equipment import RunningCommand
from hookline.resources.table import children_by_parent
from hookline.system.process import ProcessKey

COMMAND_MARK = "pwd -P >| "


def commands_of(client: ProcessKey, after_ns: int) -> list[RunningCommand]:
    """Return the commands that run under a client and began after a time, the oldest first."""
    found: list[RunningCommand] = []
    for pid in children_by_parent().get(client.pid, ()):
        try:
            child = psutil.Process(pid)
            command = RunningCommand(ProcessKey(child.pid, child.create_time()))
            if command.began_ns > after_ns and any(COMMAND_MARK in word for word in child.cmdline()):
                found.append(command)
        except (psutil.Error, OSError, ValueError):
            continue
    return sorted(found, key=lambda command: command.began_ns)
