"""A command of Droid's that runs: a child process with a shell's command line as Droid makes it.

The client runs a command as `bash -c "owner_is_alive() { … } …"`, which ends it should the client die. Hooks and servers are children too; none of
them begins that way.
"""

from __future__ import annotations

from typing import Final

import psutil

from hookline.agents.equipment import RunningCommand
from hookline.resources.table import children_by_parent
from hookline.system.process import ProcessKey

COMMAND_MARK: Final = "owner_is_alive() {"


def commands_of(client: ProcessKey, after_ns: int) -> list[RunningCommand]:
    """Return the commands that run under a client and began after a time, the oldest first."""
    found: list[RunningCommand] = []
    for pid in children_by_parent().get(client.pid, ()):
        try:
            child = psutil.Process(pid)
            command = RunningCommand(ProcessKey(child.pid, child.create_time()))
            if command.began_ns > after_ns and any(word.startswith(COMMAND_MARK) for word in child.cmdline()):
                found.append(command)
        except (psutil.Error, OSError, ValueError):
            continue
    return sorted(found, key=lambda command: command.began_ns)
