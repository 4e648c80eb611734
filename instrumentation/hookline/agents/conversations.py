"""One conversation's session files as steps of the fold, for any agent whose files are lines of JSON.

An agent gives a `LineReader` for each file: it turns lines into payloads as its hooks would have sent them, and into tokens. Here they are
adapted by the agent's own adapter, put in the order of their times over all files, and folded as hooks' events are; so history has the ids,
names and rules of live telemetry and no code of its own for them.

- **Files are read from their start**, so that a reader has seen what came before; what lies before the mark is not told again.
- **What hooks delivered is passed over**: a turn by its prompt's id, or where hooks know no id for a prompt, by the moment at which it began
  (`ReaderEnvironment.prompts_of`). Tokens are read for all, under the id that the hooks' turn has.
- **What names no prompt belongs to the last one before it**, as in a subagent's file.
- `marks()` is how far each file is done, up to the first line that something still needs: reading may stop anywhere and go on there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from hookline.agent_event import AgentEvent, tick
from hookline.agents.agent import Agent
from hookline.agents.equipment import Conversation, DeliveredPrompt, Mark, ReaderEnvironment, Transcript
from hookline.agents.history_fold import CLOSED_AFTER_NS, FileProgress, HistoryFold
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse, usage_record
from hookline.contract.events import EventKind
from hookline.records import FoldStep
from hookline.system.clock import NS_PER_S, parse_iso
from hookline.system.evolve import evolve
from hookline.system.json_lines import parse_line, read_lines

BEGAN_BEFORE_NS: Final = 120 * NS_PER_S  # hooks tell of a prompt before the client writes it down: other hooks may run between
BEGAN_AFTER_NS: Final = 2 * NS_PER_S

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParentCall:
    """The call that started a subagent, and the subagent's type, as another file than the subagent's own says."""

    call_id: str = ""
    agent_type: str = ""


class LineReader(Protocol):
    """Reads one file; what it has seen is its state."""

    @property
    def is_holding(self) -> bool:
        """Whether something is held back until later lines say what it was."""

    @property
    def cwd(self) -> str:
        """The folder in which the conversation now is, where the file says it."""

    @property
    def branch(self) -> str:
        """The branch there, where the file says it."""

    @property
    def parents(self) -> Mapping[str, ParentCall]:
        """What the file says of subagents, by their ids."""

    def read(self, line: Mapping[str, Any]) -> Iterator[ToldLine | TokenUse]:
        """Yield what one parsed line tells."""

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Yield what was held back: nothing more comes."""


OpenReader = Callable[[Transcript], LineReader]
ReadFile = Callable[[Path], Iterator[tuple[Mapping[str, Any], int, int]]]


def json_lines(path: Path) -> Iterator[tuple[Mapping[str, Any], int, int]]:
    """Yield each whole line as an object (empty where it is none), with the offsets around it."""
    for line in read_lines(path, 0):
        yield parse_line(line.text), line.start, line.end


@dataclass(slots=True)
class _File:
    """One file under way: what lies before `begin` was told already."""

    transcript: Transcript
    reader: LineReader
    begin: int
    progress: FileProgress


@dataclass(frozen=True, slots=True)
class _Item:
    """One thing that a file tells. `is_new`: it lies behind the mark."""

    time_ns: int
    told: AgentEvent | TokenUse
    file: _File
    is_new: bool


class LineConversation:
    """Reads one conversation from its marks to the end of its files."""

    def __init__(
        self,
        agent: Agent,
        conversation: Conversation,
        marks: Mapping[Path, Mark],
        around: ReaderEnvironment,
        open_reader: OpenReader,
        read_file: ReadFile = json_lines,
    ) -> None:
        self.session_id = conversation.session_id
        self.lines = 0
        self._agent = agent
        self._around = around
        self._read_file = read_file
        self._files = [_opened(transcript, marks.get(transcript.path, Mark()), open_reader) for transcript in conversation.transcripts]
        self._history = HistoryFold(agent, around)
        self._last_ns = 0
        self._prompt_id = ""
        self._is_delivered = False
        self._ids: dict[str, str] = {}  # of prompts, as the hooks' turns have them
        self._free: list[DeliveredPrompt] | None = None

    def steps(self, now_ns: int, quiet_ns: int) -> Iterator[FoldStep]:
        """Yield the steps of what is new. What is still open is closed only when the conversation has been quiet for `quiet_ns`."""
        items = [item for file in self._files for item in self._items(file)]
        is_quiet = bool(self._last_ns) and now_ns - self._last_ns > quiet_ns
        if is_quiet:
            items += [item for file in self._files for item in self._held_back(file)]
        parents = {agent_id: parent for file in self._files for agent_id, parent in file.reader.parents.items()}
        for item in sorted(items, key=lambda item: item.time_ns):
            yield from self._told(item, parents)
        if self._last_ns:
            yield self._history.fold(tick(self._last_ns + CLOSED_AFTER_NS if is_quiet else now_ns))

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Take note that everything up to these events was accepted."""
        self._history.acknowledge(released)

    def prompts(self) -> list[str]:
        """Return nothing: these files are no copies of others."""
        return []

    def marks(self) -> dict[Path, Mark]:
        """Return how far each file is done."""
        return {file.transcript.path: file.progress.mark() for file in self._files}

    def _items(self, file: _File) -> Iterator[_Item]:
        """Yield what is new in a file, and the prompts before that."""
        for line, start, end in self._read_file(file.transcript.path):
            is_new = start >= file.begin
            self.lines += is_new
            file.progress.damaged += is_new and not line
            for told in file.reader.read(line) if line else ():
                yield from self._item(file, told, start, is_new)
            file.progress.done = max(file.progress.done, end)
            file.progress.note_holding(start, is_holding=file.reader.is_holding)

    def _held_back(self, file: _File) -> Iterator[_Item]:
        start = file.progress.done if file.progress.holding_from is None else file.progress.holding_from
        for told in file.reader.finish():
            yield from self._item(file, told, start, start >= file.begin)
        file.progress.holding_from = None

    def _item(self, file: _File, told: ToldLine | TokenUse, start: int, is_new: bool) -> Iterator[_Item]:
        self._last_ns = max(self._last_ns, told.time_ns)
        if isinstance(told, TokenUse):
            if is_new:
                yield _Item(told.time_ns, told, file, is_new)
            return
        if not is_new and "prompt" not in told.payload:
            return
        event = self._history.adapted(told)
        if event is None:
            file.progress.damaged += is_new
            return
        if is_new:
            self._history.wait_for(event, file.progress, start)
        if is_new or event.kind is EventKind.PROMPT_SUBMITTED:
            yield _Item(event.time_ns, event, file, is_new)

    def _told(self, item: _Item, parents: Mapping[str, ParentCall]) -> Iterator[FoldStep]:
        told = item.told
        if isinstance(told, AgentEvent) and told.kind is EventKind.PROMPT_SUBMITTED:
            self._begin(told)
        if not item.is_new:
            return
        if isinstance(told, TokenUse):
            prompt_id = told.prompt_id or self._prompt_id
            use = replace(told, prompt_id=self._ids.get(prompt_id, prompt_id))
            yield FoldStep(
                logs=(usage_record(self._agent.name, self.session_id, use, self._history.shared(item.file.reader.cwd, item.file.reader.branch)),)
            )
        elif self._was_delivered(told):
            self.acknowledge((told.uid,))
        else:
            parent = parents.get(told.agent_id, ParentCall(item.file.transcript.parent_call_id, item.file.transcript.agent_type))
            yield self._history.fold(_with_parent(told, parent))

    def _begin(self, event: AgentEvent) -> None:
        """A prompt begins: what names none belongs to it from now on. Find the turn that hooks made of it."""
        self._prompt_id = event.prompt_id
        if self._free is None:
            self._free = list(self._around.prompts_of(self.session_id))
        if self._around.is_delivered(self.session_id, event.prompt_id):
            self._ids[event.prompt_id] = event.prompt_id
            self._free = [one for one in self._free if one.id != event.prompt_id]  # it is no other prompt's
            return
        near = [one for one in self._free if event.time_ns - BEGAN_BEFORE_NS <= one.began_ns <= event.time_ns + BEGAN_AFTER_NS]
        if near:
            same = [one for one in near if one.length == event.prompt_length] or near
            found = max(same, key=lambda one: one.began_ns)
            self._free.remove(found)
            self._ids[event.prompt_id] = found.id

    def _was_delivered(self, event: AgentEvent) -> bool:
        prompt_id = event.prompt_id or self._prompt_id
        return prompt_id in self._ids or self._around.is_delivered(self.session_id, prompt_id)


def time_of(line: Mapping[str, Any], key: str = "timestamp") -> int | None:
    """Return a line's time in Unix ns; None when it has none."""
    found = line.get(key)
    return _unix_ns(found) if isinstance(found, str) else None


_unix_ns = functools.lru_cache(maxsize=64)(parse_iso)


def _opened(transcript: Transcript, mark: Mark, open_reader: OpenReader) -> _File:
    return _File(transcript, open_reader(transcript), mark.offset, FileProgress(mark.offset, mark.damaged))


def _with_parent(event: AgentEvent, parent: ParentCall) -> AgentEvent:
    if not event.agent_id:
        return event
    is_edge = event.kind in (EventKind.SUBAGENT_STARTED, EventKind.SUBAGENT_ENDED)
    call_id = event.parent_call_id or (parent.call_id if is_edge else "")
    return evolve(event, agent_type=event.agent_type or parent.agent_type, parent_call_id=call_id)
