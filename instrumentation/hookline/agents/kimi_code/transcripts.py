"""Kimi Code's session files behind the protocol: `wire.jsonl` of the conversation, and of each subagent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.agent import Agent
from hookline.agents.conversations import LineConversation
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader, Transcript
from hookline.agents.kimi_code.identity import MAIN, NAME
from hookline.agents.kimi_code.session_files import WIRE, sessions_root, subagent_wires
from hookline.agents.kimi_code.wire import KINDS, WireReader, WireSigns
from hookline.agents.payload import MAX_PATH, text
from hookline.agents.usage_record import TokenUse, usage_record
from hookline.contract import semconv
from hookline.records import LogRecord
from hookline.system.json_lines import parse_line, read_lines

BATCH: Final = 200
MAX_STATE_BYTES: Final = 1024 * 1024


class KimiTranscripts:
    """Files below `sessions/`."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""
        return sessions_root(env)

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""
        found = [made for path in sorted(root.glob(f"*/*/agents/{MAIN}/{WIRE}")) if (made := _conversation(path))]
        yield from sorted(found, key=lambda conversation: conversation.modified_s)

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> LineConversation:
        """Return the reader of a conversation's history."""
        session_id = conversation.session_id
        folder = _folder(conversation.transcripts[0].path)

        def opened(transcript: Transcript) -> WireReader:
            return WireReader(session_id, str(transcript.path), transcript.agent_id, transcript.agent_type, folder)

        return LineConversation(self._agent, conversation, marks, around, opened)

    def is_main(self, path: str) -> bool:
        """Whether a path can be that of a conversation's file."""
        return path.endswith(f"/agents/{MAIN}/{WIRE}") and "\0" not in path

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Return the files of a session's subagents, with their ids."""
        return subagent_wires(main)

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of tokens behind an offset."""
        agent_id = "" if path.parent.name == MAIN else path.parent.name
        reader, logs, end = WireReader(event.session_id, str(path), agent_id), list[LogRecord](), offset
        shared = {semconv.HOOK_EVENT: "transcript", **event.place.attributes}
        for line in read_lines(path, 0):  # what came before names model and turn
            for told in reader.read(parse_line(line.text)):
                if isinstance(told, TokenUse) and line.start >= offset:
                    logs.append(usage_record(NAME, event.session_id, told, shared))
            end = max(end, line.end)
            if len(logs) >= BATCH:
                yield logs, end
                logs = []
        if end > offset:
            yield logs, end

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live session's file shows."""
        return WireSigns(session_id, str(main), agent_id)

    def may_show(self, line: bytes) -> bool:
        """Whether a line is of a kind that shows anything."""
        return any(kind in line for kind in KINDS)


def _conversation(main: Path) -> Conversation | None:
    paths = [(main, ""), *subagent_wires(main)]
    made = [transcript for path, agent_id in paths if (transcript := _transcript(path, agent_id))]
    return Conversation(main.parents[2].name, tuple(made)) if made else None


def _transcript(path: Path, agent_id: str) -> Transcript | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return Transcript(path, status.st_size, status.st_mtime, agent_id)


def _folder(main: Path) -> str:
    """Return the session's folder, as the file beside its agents says."""
    try:
        with (main.parents[2] / "state.json").open("rb") as file:
            found = json.loads(file.read(MAX_STATE_BYTES))
    except (OSError, ValueError):
        return ""
    return text(found, "cwd", MAX_PATH) if isinstance(found, dict) else ""
