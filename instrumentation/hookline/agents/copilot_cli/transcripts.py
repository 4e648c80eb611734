"""Copilot CLI's session files behind the protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.agent import Agent
from hookline.agents.conversations import LineConversation
from hookline.agents.copilot_cli.identity import NAME
from hookline.agents.copilot_cli.session_file import KINDS, SessionFileReader, SessionFileSigns
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader, Transcript
from hookline.agents.usage_record import TokenUse, usage_record
from hookline.contract import semconv
from hookline.records import LogRecord
from hookline.system.json_lines import parse_line, read_lines

BATCH: Final = 200
FILE: Final = "events.jsonl"
COUNTED: Final = (b'"session.usage_record"', b'"session.compaction_complete"', b'"user.message"', b'"userPromptSubmitted"', b'"session.start"')


def state_folder(env: Mapping[str, str]) -> Path:
    """Return the folder in which the client keeps its sessions."""
    home = env.get("COPILOT_HOME")
    return (Path(home) if home else Path(env.get("HOME") or Path.home()) / ".copilot") / "session-state"


class CopilotTranscripts:
    """One file a session, subagents among it."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""
        return state_folder(env)

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""
        found = []
        for path in root.glob(f"*/{FILE}"):
            try:
                status = path.stat()
            except OSError:
                continue
            found.append(Conversation(path.parent.name, (Transcript(path, status.st_size, status.st_mtime),)))
        yield from sorted(found, key=lambda conversation: (conversation.modified_s, conversation.session_id))

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> LineConversation:
        """Return the reader of a conversation's history."""
        return LineConversation(self._agent, conversation, marks, around, lambda _: SessionFileReader(conversation.session_id))

    def is_main(self, path: str) -> bool:
        """Whether a path can be that of a session's file."""
        return path.endswith(f"/{FILE}") and "\0" not in path

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Subagents have no files of their own."""
        return ()

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of tokens behind an offset, each batch with the offset up to which it is complete.

        The file is read from its start, as a prompt names what comes after it; what does not matter is not parsed.
        """
        reader, logs, end = SessionFileReader(event.session_id), list[LogRecord](), offset
        shared = {semconv.HOOK_EVENT: "transcript", **event.place.attributes}
        for line in read_lines(path, 0):
            if line.text and any(kind in line.text for kind in COUNTED):
                found = [told for told in reader.read(parse_line(line.text)) if isinstance(told, TokenUse)]
                logs += [usage_record(NAME, event.session_id, use, shared) for use in found if line.start >= offset]
            end = max(end, line.end)
            if len(logs) >= BATCH:
                yield logs, end
                logs = []
        if end > offset:
            yield logs, end

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live session's file shows."""
        return SessionFileSigns(session_id, str(main))

    def may_show(self, line: bytes) -> bool:
        """Whether a line is of a kind that shows anything."""
        return any(kind in line for kind in KINDS)


def with_session_file(event: AgentEvent, env: Mapping[str, str]) -> AgentEvent:
    """Return the event with the path of its session's file: most payloads name none, and the client writes it only a moment later."""
    if event.transcript_path or not event.session_id or "/" in event.session_id:
        return event
    return replace(event, transcript_path=str(state_folder(env) / event.session_id / FILE))
