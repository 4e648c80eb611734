"""Whose a call of Kimi Code is: its hooks do not say it, the session's files do.

    agents/<agent>/wire.jsonl   `tool.call` and `interaction.request` of whoever makes the call; `subagent.spawned` names the call that started a
                                subagent, `subagent.started` and what ends it say when

A call is written down once it may run, so a request may be read here before its line is there: its end then says whose it was. A subagent's start and
end name no subagent: they are of the one whose line stands before them and was no other's, if that is one alone. Each line is read once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.kimi_code.identity import MAIN
from hookline.agents.kimi_code.session_files import SLACK_NS, subagent_wires, time_of
from hookline.agents.payload import Json, member, text
from hookline.contract.events import EventKind
from hookline.system.evolve import evolve
from hookline.system.json_lines import parse_line, read_lines

NEAR_NS: Final = 5_000_000_000  # a hook comes after its line; later than this the client has given it up
MAX_SESSIONS: Final = 50
MAX_CALLS: Final = 5_000
_LINES: Final = (b'"tool.call"', b'"interaction.request"', b'"subagent.')
_OF_SUBAGENTS: Final = frozenset({EventKind.SUBAGENT_STARTED, EventKind.SUBAGENT_ENDED})


@dataclass(slots=True)
class _Session:
    """What a session's files have said so far."""

    read: dict[Path, int] = field(default_factory=dict)
    owners: OrderedDict[str, str] = field(default_factory=OrderedDict)
    parents: dict[str, tuple[str, str]] = field(default_factory=dict)
    moments: dict[EventKind, dict[str, int]] = field(default_factory=lambda: {kind: {} for kind in _OF_SUBAGENTS})
    taken: dict[tuple[EventKind, str, int], str] = field(default_factory=dict)


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
            agent_id = event.agent_id or _owner(session, event)
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
    kind, subagent = text(line, "type"), text(line, "subagentId")
    if kind == "subagent.spawned":
        session.parents[subagent] = text(line, "parentToolCallId"), text(line, "subagentName")
    elif subagent:
        told = EventKind.SUBAGENT_STARTED if kind == "subagent.started" else EventKind.SUBAGENT_ENDED
        session.moments[told][subagent] = time_of(line) or 0
    elif call_id := text(member(line, "event") if kind == "context.append_loop_event" else line, "toolCallId"):
        session.owners[call_id] = agent_id
        if len(session.owners) > MAX_CALLS:
            session.owners.popitem(last=False)


def _owner(session: _Session, event: AgentEvent) -> str:
    if event.kind not in _OF_SUBAGENTS:
        return session.owners.get(event.tool.call_id, "") if event.tool else ""
    found = [
        (event.kind, agent, at_ns)
        for agent, at_ns in session.moments[event.kind].items()
        if event.time_ns - NEAR_NS <= at_ns <= event.time_ns + SLACK_NS
        and session.parents.get(agent, ("", ""))[1] == event.agent_type
        and session.taken.get((event.kind, agent, at_ns), event.uid) == event.uid
    ]
    if len(found) != 1:
        return ""
    session.taken[found[0]] = event.uid
    return found[0][1]
