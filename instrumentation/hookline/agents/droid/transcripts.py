"""Droid's session files behind the protocol: one a session, with a `.settings.json` beside it that has the session's tokens.

Droid writes tokens down for the whole session only. So one record has them, named by the session: told again with more tokens, the collector keeps
the larger. It stands at the session's beginning, as a request that runs over midnight counts on the day on which it began: of a session that goes
on for days each telling is of the same day, and it counts once whichever days are asked for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import AgentEvent
from hookline.agents.agent import Agent
from hookline.agents.conversations import LineConversation
from hookline.agents.droid.identity import NAME
from hookline.agents.droid.session_lines import SessionLine
from hookline.agents.droid.session_reader import KINDS, SessionReader, SessionSigns
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader, Transcript
from hookline.agents.payload import Json, member, text
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse, count, usage_record
from hookline.contract import semconv
from hookline.records import LogRecord
from hookline.system.json_lines import parse_line, read_lines

MAX_SETTINGS_BYTES: Final = 1024 * 1024
CUSTOM: Final = "custom:"  # before the name of a model of one's own


class SessionHistory(SessionReader):
    """The reader of history: it tells the session's tokens with each end of a turn, and at the end those of one that was killed."""

    _told_at: SessionLine | None = None

    def read(self, line: Json) -> Iterator[ToldLine | TokenUse]:
        """Yield what one parsed line tells."""
        yield from super().read(line)
        if text(line, "type") == "agent_turn_outcome":
            yield from self._tokens()

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Yield what a turn used that has no end."""
        if self._last is not self._told_at:
            yield from self._tokens()

    def _tokens(self) -> Iterator[TokenUse]:
        self._told_at = self._last
        if use := session_tokens(Path(self._path), self):
            yield use


class DroidTranscripts:
    """Files below `sessions/`."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""
        return Path(env.get("HOME") or os.path.expanduser("~")) / ".factory" / "sessions"  # noqa: PTH111 - HOME may be unset

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""
        found = [made for path in sorted(root.glob("**/*.jsonl")) if (made := _conversation(path))]
        yield from sorted(found, key=lambda conversation: conversation.modified_s)

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> LineConversation:
        """Return the reader of a conversation's history."""
        session_id = conversation.session_id
        return LineConversation(self._agent, conversation, marks, around, lambda transcript: SessionHistory(session_id, str(transcript.path)))

    def is_main(self, path: str) -> bool:
        """Whether a path can be that of a session's file."""
        return path.endswith(".jsonl") and "\0" not in path

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Return nothing: a subagent's calls stand in no file of their own."""
        del main
        return ()

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield the session's tokens so far, if its file has grown."""
        reader, end = SessionReader(event.session_id, str(path)), offset
        for line in read_lines(path, 0):
            for _ in reader.read(parse_line(line.text)):
                pass
            end = max(end, line.end)
        if end > offset:
            use = session_tokens(path, reader)
            shared = {semconv.HOOK_EVENT: "transcript", **event.place.attributes}
            yield ([usage_record(NAME, event.session_id, use, shared)] if use else []), end

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live session's file shows."""
        del agent_id
        return SessionSigns(session_id, str(main))

    def may_show(self, line: bytes) -> bool:
        """Whether a line is of a kind that shows anything."""
        return any(kind in line for kind in KINDS)


def session_tokens(path: Path, reader: SessionReader) -> TokenUse | None:
    """Return the tokens of a session so far, at its beginning; None where nothing says them."""
    settings = _settings(path)
    used = member(settings, "tokenUsage")
    tokens = [count(used, key) for key in ("inputTokens", "outputTokens", "cacheReadTokens", "cacheCreationTokens", "thinkingTokens")]
    if not any(tokens) or not reader.began_ns:
        return None
    given, said, read, written, thought = tokens
    model = reader.model or text(settings, "model")
    return TokenUse(reader.began_ns, path.stem, model.removeprefix(CUSTOM), given, said + thought, read, written, reader.prompt_id)


def _settings(path: Path) -> Mapping[str, Any]:
    try:
        with path.with_suffix(".settings.json").open("rb") as file:
            found = json.loads(file.read(MAX_SETTINGS_BYTES))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _conversation(path: Path) -> Conversation | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return Conversation(path.stem, (Transcript(path, status.st_size, status.st_mtime),))
