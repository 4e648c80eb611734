"""Gemini CLI's session files behind the protocol.

`~/.gemini/tmp/<project>/chats/`; the project's folder stands in `.project_root` beside it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import AgentEvent
from hookline.agents.conversations import LineConversation
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader, Transcript
from hookline.agents.gemini_cli import GeminiCli
from hookline.agents.gemini_cli.identity import NAME, home
from hookline.agents.gemini_cli.signs import GeminiSigns
from hookline.agents.gemini_cli.transcripts import GeminiLines, GeminiTokens
from hookline.agents.session_files import new_usage, transcript_at
from hookline.records import LogRecord

HEAD_BYTES: Final = 65_536
SHOWING: Final = (b'"toolCalls"', b'"type":"info"', b'"type":"error"')
PREFIX: Final = "session-"


class GeminiTranscripts:
    """Files below `tmp/<project>/chats`, a subagent's in a folder with its session's id."""

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""
        return home(env) / "tmp"

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""
        found: dict[str, list[Transcript]] = {}
        for path in sorted(root.glob("*/chats/*.jsonl")):
            if (session_id := session_of(path)) and (made := transcript_at(path)):
                found.setdefault(session_id, []).insert(0, made)
        for path in sorted(root.glob("*/chats/*/*.jsonl")):
            if made := transcript_at(path, agent_id=path.stem):
                found.setdefault(path.parent.name, []).append(made)
        made_of = [Conversation(session_id, tuple(transcripts)) for session_id, transcripts in found.items()]
        yield from sorted(made_of, key=lambda conversation: conversation.modified_s)

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> LineConversation:
        """Return the reader of a conversation's history."""

        def opened(transcript: Transcript) -> GeminiLines:
            return GeminiLines(conversation.session_id, transcript, project_root(transcript.path))

        return LineConversation(GeminiCli(), conversation, marks, around, opened)

    def is_main(self, path: str) -> bool:
        """Whether a path can be that of a main transcript."""
        return path.endswith(".jsonl") and "\0" not in path and Path(path).name.startswith(PREFIX)

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Return the files of a session's subagents, with the agents' ids: in a folder that has the session's id as its name."""
        short = main.stem.rpartition("-")[2]
        return [(path, path.stem) for path in sorted(main.parent.glob(f"{short}*/*.jsonl"))] if short else []

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of tokens behind an offset; the file names no prompt."""
        agent_id = "" if path.name.startswith(PREFIX) else path.stem
        yield from new_usage(NAME, path, offset, event, GeminiTokens(agent_id).read)

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live file shows."""
        return GeminiSigns(session_id, str(main), agent_id)

    def may_show(self, line: bytes) -> bool:
        """Whether a line is of a kind that shows anything."""
        return any(kind in line for kind in SHOWING)


def session_of(path: Path) -> str:
    """Return the session of a main file: its first line says it."""
    head = _head(path)
    return str(head.get("sessionId") or "") if head.get("kind", "main") == "main" else ""


@functools.lru_cache(maxsize=256)
def project_root(path: Path) -> str:
    """Return the folder of the project that a session file is of; empty where nothing says it."""
    chats = path.parent if path.parent.name == "chats" else path.parent.parent
    try:
        return (chats.parent / ".project_root").read_text("utf-8").strip()[:4_096]
    except (OSError, UnicodeDecodeError):
        return ""


def _head(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.readline(HEAD_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
