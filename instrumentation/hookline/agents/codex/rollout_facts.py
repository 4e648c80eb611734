"""What a rollout says of an event that a hook has just told: exit codes, durations, which call started a subagent, how the client was started.

The client writes a call's item before it runs the hook of its end, so what `RolloutFacts` reads then has it. It reads each file on
from where it was, at most `MAX_READ_BYTES` at a time, and begins with a file that is not known at most that far before its end. What is not there
is left out: the event stays as the hook told it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import AgentEvent, ToolUse
from hookline.agents.codex.identity import UNATTENDED
from hookline.agents.codex.rollout_lines import ROLLOUT, RolloutHeader, RolloutItem, header_of, item_of, started_agent
from hookline.agents.codex.tools import MS, SPAWN, end_kind, outcome_of
from hookline.contract.events import EventKind
from hookline.system.evolve import evolve
from hookline.system.json_lines import parse_line, read_lines

MAX_READ_BYTES: Final = 4 * 1024 * 1024
MAX_FILES: Final = 50
MAX_CALLS: Final = 500
MAX_SESSIONS: Final = 500


@dataclass(slots=True)
class _Known:
    """One rollout as far as it was read."""

    offset: int
    identity: int
    header: RolloutHeader | None
    items: OrderedDict[str, RolloutItem] = field(default_factory=OrderedDict)
    agents: OrderedDict[str, str] = field(default_factory=OrderedDict)  # thread → the call that started it


class RolloutFacts:
    """Completes events from the rollouts that they name. Used by one thread."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, _Known] = OrderedDict()
        self._mains: OrderedDict[str, str] = OrderedDict()

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with what its session's rollout says of it."""
        if event.is_beside:
            return event
        main = self._main_of(event)
        if not main:
            return event
        if event.kind is EventKind.SUBAGENT_STARTED:
            known = self._read(main)
            call_id = known.agents.get(event.agent_id, "") if known else ""
            return evolve(event, parent_call_id=call_id) if call_id else event
        if event.kind is EventKind.TOOL_ENDED and event.tool:
            return self._ended(event, event.tool, main)
        if event.kind in (EventKind.SESSION_STARTED, EventKind.PROMPT_SUBMITTED):
            return self._begun(event, main)
        return event

    def _main_of(self, event: AgentEvent) -> str:
        """Return the session's own rollout; a subagent's events do not name it."""
        if event.transcript_path and ROLLOUT.search(event.transcript_path):
            self._mains[event.session_id] = event.transcript_path
            self._mains.move_to_end(event.session_id)
            if len(self._mains) > MAX_SESSIONS:
                self._mains.popitem(last=False)
        return self._mains.get(event.session_id, "")

    def _ended(self, event: AgentEvent, tool: ToolUse, main: str) -> AgentEvent:
        path = _beside(main, event.agent_id) if event.agent_id else main
        known = self._read(path) if path else None
        if known is None:
            return event
        if tool.name == SPAWN:
            agent_id = next((thread for thread, call_id in known.agents.items() if call_id == tool.call_id), "")
            return evolve(event, tool=evolve(tool, agent_id=agent_id, is_launch=True)) if agent_id else event
        item = known.items.get(tool.call_id)
        return event if item is None else with_item(event, tool, item)

    def _begun(self, event: AgentEvent, main: str) -> AgentEvent:
        known = self._read(main)
        how = known.header.entrypoint if known and known.header else ""
        return evolve(event, entrypoint=how, is_attended=how not in UNATTENDED) if how and not event.entrypoint else event

    def _read(self, path: str) -> _Known | None:
        """Read a rollout on to its end; None where it cannot be read."""
        try:
            status = Path(path).stat()
            known = self._files.get(path)
            if known is None or known.identity != status.st_ino or known.offset > status.st_size:
                known = self._files[path] = _opened(Path(path), status.st_size, status.st_ino)
                if len(self._files) > MAX_FILES:
                    self._files.popitem(last=False)
            self._files.move_to_end(path)
            if status.st_size > known.offset:
                _read_on(Path(path), known)
        except OSError:
            return None
        return known


def with_item(event: AgentEvent, tool: ToolUse, item: RolloutItem) -> AgentEvent:
    """Return the end of a call with what its item says of it."""
    said: dict[str, Any] = {"status": item.status, "exit_code": item.exit_code}
    outcome, error_type = outcome_of(said)
    duration_ns = None if item.duration_ms is None else item.duration_ms * MS
    completed = evolve(tool, exit_code=item.exit_code, duration_ns=duration_ns)
    return evolve(event, kind=end_kind(outcome), tool=completed, outcome=outcome, error_type=error_type)


def _opened(path: Path, size: int, identity: int) -> _Known:
    header = next((header_of(parse_line(line.text)) for line in read_lines(path, 0)), None)
    offset = 0
    if size > MAX_READ_BYTES:
        with path.open("rb") as file:
            file.seek(size - MAX_READ_BYTES)
            file.readline(MAX_READ_BYTES)
            offset = file.tell()
    return _Known(offset, identity, header)


def _read_on(path: Path, known: _Known) -> None:
    begin = known.offset
    for line in read_lines(path, begin):
        known.offset = line.end
        if line.text and b'"item_completed"' in line.text:
            _note(known, parse_line(line.text))
        if line.end - begin > MAX_READ_BYTES:
            break


def _note(known: _Known, line: dict[str, Any]) -> None:
    call_id, thread = started_agent(line)
    if thread:
        _keep(known.agents, thread, call_id)
    elif item := item_of(line):
        _keep(known.items, item.call_id, item)


def _keep(found: OrderedDict[str, Any], key: str, value: Any) -> None:
    found[key] = value
    if len(found) > MAX_CALLS:
        found.popitem(last=False)


def _beside(main: str, thread: str) -> str:
    """Return a subagent's rollout: beside its session's, or in the folder of a later day."""
    folder = Path(main).parent
    here = next((str(path) for path in folder.glob(f"rollout-*-{thread}.jsonl")), "")
    return here or next((str(path) for path in folder.parent.parent.parent.glob(f"*/*/*/rollout-*-{thread}.jsonl")), "")
