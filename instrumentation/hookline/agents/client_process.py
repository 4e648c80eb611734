"""Which process the client is, of agents that do not tell it: the nearest ancestor of the hook that is no shell.

hook.sh writes its parent (`ppid`). That is the client itself where the shell that the client started became the hook (`exec`), and that shell where
it did not. Launchers above the client (Node's, of a binary) live as long as it does and are not looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.system.evolve import evolve
from hookline.system.process import first_ancestor

SHELLS: Final = frozenset({"ash", "bash", "busybox", "cmd", "cmd.exe", "dash", "fish", "ksh", "mksh", "powershell", "pwsh", "sh", "zsh"})


def parent_pid(env: Mapping[str, str]) -> int | None:
    """Return the hook's parent as the first line of its file says."""
    given = env.get("ppid", "")
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 11 and int(given) > 1 else None


def with_client_pid(event: AgentEvent) -> AgentEvent:
    """Return the event with the client's pid in place of a shell's; as it is where the process is gone. For `Agent.completed`."""
    if event.pid is None or event.is_beside:
        return event
    pid = first_ancestor(event.pid, SHELLS)
    return event if pid in (None, event.pid) else evolve(event, pid=pid)
