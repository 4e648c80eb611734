"""A command of the client's that runs: a child process that leads a session of its own.

The client starts a command as `bash -c COMMAND` or `bash -lc COMMAND`, which becomes the command itself where that is one program, or in its
sandbox. It starts hooks in the same way. But once a permission has been told here nothing is started until it is answered: our group is the
last of its event, so what others do with it began before. Our own hook is known by its script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hookline.agents.child_commands import leading_children
from hookline.agents.equipment import RunningCommand
from hookline.system.process import ProcessKey

OUR_HOOK: Final = "/hook.sh"


def commands_of(client: ProcessKey, after_ns: int) -> list[RunningCommand]:
    """Return the commands that run under a client and began after a time, the oldest first."""
    return leading_children(client, after_ns, is_hook)


def is_hook(words: Sequence[str]) -> bool:
    """Whether a command line is that of our hook, as a shell or already as the script."""
    return any(OUR_HOOK in word for word in words[:3])
