"""One conversation's transcripts as steps of the fold, with the offset behind each event.

The lines of the main transcript and of its subagents' are merged by time, made into the payloads that hooks would have sent,
adapted and folded as those are. So history has the ids, names and rules of live telemetry and no code of its own for them.
Turns that hooks delivered already are passed over; tokens are read for all. What a fork copied is its origin's (`forks.py`).

`ConversationReader` knows, for each event that the fold has not released, where its line began: `marks()` is how far each file is
done, so reading may stop anywhere and go on there.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hookline.agent_event import tick
from hookline.agents.claude_code import ClaudeCode
from hookline.agents.claude_code.forks import Copy, continued, copied_part
from hookline.agents.claude_code.transcripts import TranscriptReader, time_of
from hookline.agents.claude_code.usage import UsageReader, record
from hookline.agents.equipment import Conversation, Mark, Owner, ReaderEnvironment, Transcript
from hookline.agents.history_fold import CLOSED_AFTER_NS, FileProgress, HistoryFold
from hookline.agents.told_line import ToldLine
from hookline.contract.events import EventKind
from hookline.records import AttributeValue, FoldStep, LogRecord
from hookline.system.evolve import evolve
from hookline.system.json_lines import parse_line, read_lines

MAX_OPEN_FILES = 200
AGENT = ClaudeCode()


class _File:
    """One transcript under way."""

    def __init__(self, session_id: str, transcript: Transcript, mark: Mark, owner: Owner) -> None:
        self.transcript = transcript
        self.reader = TranscriptReader(session_id, transcript)
        self.usage = UsageReader()
        self.copy = Copy() if mark.offset else copied_part(transcript.path, owner)
        self.progress = FileProgress(max(mark.offset, self.copy.end), mark.damaged)


class ConversationReader:
    """Reads one conversation from its marks to the end of its files."""

    def __init__(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> None:
        self.session_id = self._session_id = conversation.session_id
        self._around = around
        self._files = [_File(conversation.session_id, t, marks[t.path], around.owner) for t in conversation.transcripts]
        self._history = HistoryFold(AGENT, around)
        self._last_ns = 0
        self._prompt_id = ""
        self._cwd = self._branch = ""
        self.lines = 0

    def steps(self, now_ns: int, quiet_ns: int) -> Iterator[FoldStep]:
        """Yield the steps of what is new. What is still open is closed only when the conversation has been quiet for `quiet_ns`."""
        for start in range(0, max(1, len(self._files)), MAX_OPEN_FILES):
            streams = [self._lines(file) for file in self._files[start : start + MAX_OPEN_FILES]]
            for time_ns, _, file, line, begin in heapq.merge(*streams, key=lambda item: item[:2]):
                yield from self._ends_of_others(file, time_ns)
                yield from self._line(file, line, begin)
        if self._last_ns and now_ns - self._last_ns > quiet_ns:
            yield from self._finish()
        elif self._last_ns:
            yield self._history.fold(tick(now_ns))

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Take note that everything up to these events was accepted."""
        self._history.acknowledge(released)

    def prompts(self) -> list[str]:
        """Return the uuids of the prompts' lines that were read since the last call: they are this session's own."""
        found = [uuid for file in self._files for uuid in file.reader.prompts]
        for file in self._files:
            file.reader.prompts.clear()
        return found

    def marks(self) -> dict[Path, Mark]:
        """Return how far each file is done."""
        return {file.transcript.path: file.progress.mark() for file in self._files}

    def _lines(self, file: _File) -> Iterator[tuple[int, int, _File, Mapping[str, Any], tuple[int, int]]]:
        time_ns = 0
        for line in read_lines(file.transcript.path, file.progress.done):
            parsed = parse_line(line.text)
            time_ns = (parsed and time_of(parsed)) or time_ns
            yield time_ns, id(file), file, parsed, (line.start, line.end)

    def _ends_of_others(self, current: _File, time_ns: int) -> Iterator[FoldStep]:
        """A subagent's end is the last line of its file: what its caller did later says that no more of it comes."""
        for file in self._files:
            if file is not current and file.reader.is_holding:
                for told in file.reader.finish(time_ns):
                    yield from self._told(file, told, file.progress.done)
                if not file.reader.is_holding:
                    file.progress.holding_from = None

    def _line(self, file: _File, line: Mapping[str, Any] | None, span: tuple[int, int]) -> Iterator[FoldStep]:
        self.lines += 1
        if not line:
            file.progress.damaged += 1
        else:
            self._last_ns = max(self._last_ns, time_of(line) or 0)
            for told in file.reader.read(line):
                yield from self._told(file, told, span[0])
            if line.get("promptId") and line.get("type") == "user":
                self._prompt_id = str(line["promptId"])
            yield from self._link(file, time_of(line))
            yield from self._tokens(file.usage.read(line, self._prompt_id))
            self._cwd, self._branch = str(line.get("cwd") or self._cwd), str(line.get("gitBranch") or self._branch)
        file.progress.done = span[1]
        file.progress.note_holding(span[0], is_holding=file.reader.is_holding)

    def _told(self, file: _File, told: ToldLine, start: int) -> Iterator[FoldStep]:
        prompt = str(told.payload.get("prompt_id") or "")
        if self._around.is_delivered(self._session_id, prompt):
            return
        event = self._history.adapted(told)
        if event is None:
            file.progress.damaged += 1
            return
        self._history.wait_for(event, file.progress, start)
        is_subagent = event.kind in (EventKind.SUBAGENT_STARTED, EventKind.SUBAGENT_ENDED)
        yield self._history.fold(evolve(event, parent_call_id=file.transcript.parent_call_id) if is_subagent else event)

    def _tokens(self, requests: Iterator[Any]) -> Iterator[FoldStep]:
        logs: list[LogRecord] = [record(request, self._session_id, self._shared()) for request in requests]
        if logs:
            yield FoldStep(logs=tuple(logs))

    def _link(self, file: _File, time_ns: int | None) -> Iterator[FoldStep]:
        """Say once which session a fork goes on from, at the time of its first own line."""
        if file.copy.session_id and time_ns:
            previous_id, file.copy = file.copy.session_id, Copy()
            yield FoldStep(logs=(continued(self._session_id, previous_id, time_ns, self._shared()),))

    def _shared(self) -> Mapping[str, AttributeValue]:
        return self._history.shared(self._cwd, self._branch)

    def _finish(self) -> Iterator[FoldStep]:
        for file in self._files:
            for told in file.reader.finish():
                yield from self._told(file, told, file.progress.holding_from or file.progress.done)
            file.progress.holding_from = None
        yield self._history.fold(tick(self._last_ns + CLOSED_AFTER_NS))
