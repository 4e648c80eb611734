"""Whose a call of Kimi Code is: its hooks do not say it, the session's files do.

    agents/<agent>/wire.jsonl   `tool.call`, `interaction.request`: the calls of whose file it is
                                `subagent.spawned`: the call that started a subagent

A call is written down once it may run, so a request may be read here before its line is there: its end then says whose it was. Lines are read once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.kimi_code.identity import MAIN
from hookline.agents.kimi_code.session_files import subagent_wires
from hookline.agents.payload import Json, member, text
from hookline.system.evolve import evolve
from hookline.system.json_lines import parse_line, read_lines

MAX_SESSIONS: Final = 50
MAX_CALLS: Final = 5_000
_LINES: Final = (b'"tool.call"', b'"interaction.request"', b'"subagent.spawned"')


@dataclass(slots=True)
class _Session:
    """What a session's files have said so far."""

    read: dict[Path, int] = field(default_factory=dict)
    owners: OrderedDict[str, str] = field(default_factory=OrderedDict)
    parents: dict[str, tuple[str, str]] = field(default_factory=dict)


class CallOwners:
    """What the files of the sessions that were asked about last say."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[Path, _Session] = OrderedDict()
        self._lock = threading.Lock()

    def placed(self, event: AgentEvent, main: Path) -> AgentEvent:
        """Return an event as the subagent's that it is of, with the call that started that, or as the conversation's; as it is while no file says."""
        with self._lock:
            if not (files := subagent_wires(main)):
                return event
            session = self._read(main, files)
            agent_id = event.agent_id or (session.owners.get(event.tool.call_id, "") if event.tool else "")
            if agent_id == MAIN:
                return evolve(event, is_conversations=True)
            if agent_id not in session.parents:
                return event
            call_id, name = session.parents[agent_id]
        return evolve(event, agent_id=agent_id, agent_type=event.agent_type or name, parent_call_id=call_id)

    def _read(self, main: Path, files: list[tuple[Path, str]]) -> _Session:
        session = self._sessions.setdefault(main, _Session())
        self._sessions.move_to_end(main)
        if len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        for path, agent_id in ((main, MAIN), *files):
            try:
                for line in read_lines(path, session.read.get(path, 0)):
                    session.read[path] = line.end
                    if line.text and any(kind in line.text for kind in _LINES):
                        _take(session, parse_line(line.text), agent_id)
            except OSError:
                continue
        return session


def _take(session: _Session, line: Json, agent_id: str) -> None:
    kind = text(line, "type")
    if kind == "subagent.spawned":
        session.parents[text(line, "subagentId")] = text(line, "parentToolCallId"), text(line, "subagentName")
    elif call_id := text(member(line, "event") if kind == "context.append_loop_event" else line, "toolCallId"):
        session.owners[call_id] = agent_id
        if len(session.owners) > MAX_CALLS:
            session.owners.popitem(last=False)
