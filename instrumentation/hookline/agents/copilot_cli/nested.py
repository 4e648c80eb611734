"""Which session a subagent's subagent belongs to.

Its calls name only the subagent above it. But the start of every subagent names the session's file, and comes first; so whoever reads the events
in their order knows. A relay that starts in the middle looks into the session files that were written last.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.contract.events import EventKind

MAX_KNOWN: Final = 5_000
MAX_FILES: Final = 20
MAX_TAIL_BYTES: Final = 1024 * 1024


class SubagentSessions:
    """The sessions of subagents, as far as their starts were seen."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, str] = OrderedDict()

    def placed(self, event: AgentEvent, state_folder: Path) -> AgentEvent:
        """Return the event in its root session."""
        if not event.agent_id:
            return event
        if event.kind is EventKind.SUBAGENT_STARTED:
            self._remember(event.agent_id, event.session_id)
            return event
        if (state_folder / event.session_id).is_dir():  # a session of its own: the rule, and quick
            return event
        root = self._known.get(event.session_id) or self._known.get(event.agent_id) or _found(event.session_id, state_folder)
        if not root:
            return event
        self._remember(event.agent_id, root)
        return replace(event, session_id=root)

    def _remember(self, agent_id: str, session_id: str) -> None:
        self._known[agent_id] = session_id
        self._known.move_to_end(agent_id)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)


def _found(agent_id: str, state_folder: Path) -> str:
    """Return the session whose file names a subagent."""
    try:
        files = sorted(state_folder.glob("*/events.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)[:MAX_FILES]
        return next((path.parent.name for path in files if f'"{agent_id}"'.encode() in _tail(path)), "")
    except OSError:
        return ""


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - MAX_TAIL_BYTES))
        return file.read()
