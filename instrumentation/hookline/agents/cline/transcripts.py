"""Cline's session files behind the protocol. They are no lines: nothing is read of a live session but its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hookline.agent_event import AgentEvent
from hookline.agents.agent import Agent
from hookline.agents.cline.identity import NAME
from hookline.agents.cline.session_files import ENDING, MessageReader, folder_of, main_file, read_messages, sessions_root, subagent_files
from hookline.agents.conversations import LineConversation
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader, Transcript, TranscriptSign
from hookline.agents.usage_record import TokenUse, usage_record
from hookline.contract import semconv
from hookline.records import LogRecord


class NoSigns:
    """Shows nothing: a file that is written anew each time cannot be read on."""

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield nothing."""
        del line
        yield from ()


class ClineTranscripts:
    """Files below `data/sessions/`."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""
        return sessions_root(env)

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""
        mains = [main_file(root, folder.name) for folder in sorted(root.glob("*")) if folder.is_dir()]
        found = [made for main in mains if (made := _conversation(main))]
        yield from sorted(found, key=lambda conversation: conversation.modified_s)

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> LineConversation:
        """Return the reader of a conversation's history."""
        session_id, folder = conversation.session_id, folder_of(conversation.transcripts[0].path)

        def opened(transcript: Transcript) -> MessageReader:
            return MessageReader(session_id, str(transcript.path), transcript.agent_id, folder)

        return LineConversation(self._agent, conversation, marks, around, opened, read_messages)

    def is_main(self, path: str) -> bool:
        """Whether a path can be that of a conversation's file."""
        return path.endswith(ENDING) and "\0" not in path

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Return the files of a session's subagents, with their ids."""
        return subagent_files(main)

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of all tokens of a file that has grown: told again they have the same ids."""
        agent_id = path.name.removesuffix(ENDING) if path.name.startswith("agent_") else ""
        reader, logs, end = MessageReader(event.session_id, str(path), agent_id), list[LogRecord](), offset
        shared = {semconv.HOOK_EVENT: "transcript", **event.place.attributes}
        for message, _, size in read_messages(path):
            end = max(end, size)
            logs += [usage_record(NAME, event.session_id, told, shared) for told in reader.read(message) if isinstance(told, TokenUse)]
        if end > offset:
            yield logs, end

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live session's file shows: nothing."""
        del session_id, main, agent_id
        return NoSigns()

    def may_show(self, line: bytes) -> bool:
        """Whether a line is of a kind that shows anything."""
        del line
        return False


def _conversation(main: Path) -> Conversation | None:
    paths = [(main, ""), *subagent_files(main)]
    made = tuple(transcript for path, agent_id in paths if (transcript := _transcript(path, agent_id)))
    return Conversation(main.name.removesuffix(ENDING), made) if made and made[0].path == main else None


def _transcript(path: Path, agent_id: str) -> Transcript | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return Transcript(path, status.st_size, status.st_mtime, agent_id)
