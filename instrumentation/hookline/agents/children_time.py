"""What an agent's ended child processes have used, as its hook found it: `children=PID.BEGAN.TICKS` of an event's file
(`spool.event_file`).

The kernel adds a child's processor time, with that of all that the child waited for, to its parent's counters when the parent takes note of its end
(`cutime` and `cstime`, proc_pid_stat(5)). So the difference between two of one process is exactly what ended in between, whoever started it: the
commands of calls, hooks, the status line. What still runs, or outlived its parent, is not in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from hookline.agent_event import ChildrenTime

WORD: Final = "children"
_FOUND: Final = re.compile(r"(?P<process>[0-9]{1,10}\.[0-9]{1,20})\.(?P<ticks>[0-9]{1,15})", re.ASCII)
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


def children_time(env: Mapping[str, str]) -> ChildrenTime | None:
    """Return what the first line says of the agent's children; None where it says nothing."""
    found = _FOUND.fullmatch(env.get(WORD, ""))
    return ChildrenTime(found["process"], int(found["ticks"]) * 1000 // _TICKS_A_SECOND) if found else None
