"""Qwen Code's session files behind the protocol: below `~/.qwen/projects/<slug>/`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import AgentEvent
from hookline.agents.conversations import LineConversation
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader, Transcript
from hookline.agents.payload import text
from hookline.agents.qwen_code import QwenCode
from hookline.agents.qwen_code.identity import NAME, runtime
from hookline.agents.qwen_code.signs import QwenSigns
from hookline.agents.qwen_code.transcripts import QwenLines, tokens_of
from hookline.agents.session_files import new_usage, transcript_at
from hookline.records import LogRecord

MAX_META_BYTES: Final = 65_536
PREFIX: Final = "agent-"


class QwenTranscripts:
    """Files below `projects/<slug>/chats`, a subagent's below `subagents/<session>` beside that."""

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""
        return runtime(env) / "projects"

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""
        found: dict[str, list[Transcript]] = {}
        for path in sorted(root.glob("*/chats/*.jsonl")):
            if made := transcript_at(path):
                found.setdefault(path.stem, []).insert(0, made)
        for path in sorted(root.glob(f"*/subagents/*/{PREFIX}*.jsonl")):
            meta = _meta(path)
            if made := transcript_at(path, path.stem.removeprefix(PREFIX), text(meta, "agentType"), text(meta, "toolUseId")):
                found.setdefault(path.parent.name, []).append(made)
        made_of = [Conversation(session_id, tuple(transcripts)) for session_id, transcripts in found.items()]
        yield from sorted(made_of, key=lambda conversation: conversation.modified_s)

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> LineConversation:
        """Return the reader of a conversation's history."""

        def opened(transcript: Transcript) -> QwenLines:
            return QwenLines(conversation.session_id, transcript)

        return LineConversation(QwenCode(), conversation, marks, around, opened)

    def is_main(self, path: str) -> bool:
        """Whether a path can be that of a main transcript."""
        return path.endswith(".jsonl") and "\0" not in path and Path(path).parent.name == "chats"

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Return the files of a session's subagents, with the agents' ids."""
        found = sorted((main.parent.parent / "subagents" / main.stem).glob(f"{PREFIX}*.jsonl"))
        return [(path, path.stem.removeprefix(PREFIX)) for path in found]

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of tokens behind an offset: the main file has them of subagents too."""
        yield from new_usage(NAME, path, offset, event, lambda line: tokens_of(line, event.session_id))

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live file shows."""
        return QwenSigns(session_id, str(main), agent_id)

    def may_show(self, line: bytes) -> bool:
        """Whether a line is of a kind that shows anything."""
        return b'"subtype":"ui_telemetry"' in line


def _meta(path: Path) -> dict[str, Any]:
    try:
        with path.with_suffix(".meta.json").open("rb") as file:
            found = json.loads(file.read(MAX_META_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
