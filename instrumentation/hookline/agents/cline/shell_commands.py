"""A command of Cline's that runs: a child of the client, or of its hub, that leads a session of its own.

It starts a command as `bash -c COMMAND`, which becomes the command itself where that is one program. Hooks are files below a folder `hooks`; the hub
is a daemon that the client starts.
"""

from __future__ import annotations

from collections.abc import Sequence

from hookline.agents.child_commands import leading_children
from hookline.agents.equipment import RunningCommand
from hookline.system.process import ProcessKey

HUB = "--cline-hub-daemon"


def commands_of(client: ProcessKey, after_ns: int) -> list[RunningCommand]:
    """Return the commands that run under a client and began after a time, the oldest first."""
    return leading_children(client, after_ns, is_helper)


def is_helper(words: Sequence[str]) -> bool:
    """Whether a command line is that of a hook or of the hub."""
    return HUB in words or any("/hooks/" in word or "/hook.sh" in word for word in words[:3])
