"""A command of the client's that runs: a child process with a shell's command line as Claude Code makes it.

The client runs a command as `bash -c "source <snapshot> && eval '...' && pwd -P >| /tmp/claude-...-cwd"`. Hooks, servers and helpers are children as
well; none of them ends that way.
"""

from __future__ import annotations

from hookline.agents.child_commands import marked_children
from hookline.agents.equipment import RunningCommand
from hookline.system.process import ProcessKey

COMMAND_MARK = "pwd -P >| "


def commands_of(client: ProcessKey, after_ns: int) -> list[RunningCommand]:
    """Return the commands that run under a client and began after a time, the oldest first."""
    return marked_children(COMMAND_MARK, client, after_ns)
