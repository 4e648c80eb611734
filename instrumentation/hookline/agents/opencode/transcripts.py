"""OpenCode's database behind the protocol of transcripts.

The plugin tells what happens as it happens, so nothing of a live session is looked for here but tokens. Which answers' tokens were told is
remembered for the life of the process: a relay that starts anew tells them again, under the same uids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import AgentEvent
from hookline.agents.agent import Agent
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader, Transcript, TranscriptSign
from hookline.agents.opencode.database import SessionDatabase, database_of, families
from hookline.agents.opencode.history import DatabaseHistory, tokens
from hookline.agents.opencode.identity import NAME
from hookline.agents.usage_record import usage_record
from hookline.contract import semconv
from hookline.records import LogRecord

MAX_TOLD: Final = 50_000


class NothingShown:
    """Nothing is looked for: the plugin tells it."""

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield nothing."""
        yield from ()


class OpenCodeTranscripts:
    """All sessions in one file."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._told: dict[str, int] = {}

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which the database lies."""
        data = env.get("XDG_DATA_HOME")
        return (Path(data) if data else Path(env.get("HOME") or Path.home(), ".local", "share")) / "opencode"

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield the database as one conversation: its size is how many messages it has."""
        if path := database_of(root):
            last, changed_s = SessionDatabase(path).extent()
            if last:
                yield Conversation(NAME, (Transcript(path, last + 1, changed_s),))

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> DatabaseHistory:
        """Return the reader of the database."""
        return DatabaseHistory(self._agent, conversation, marks, around)

    def is_main(self, path: str) -> bool:
        """No file of lines is there to be read on."""
        return False

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Subagents have no files of their own."""
        return ()

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of the tokens of a session and of its subagents that were not told yet."""
        database = SessionDatabase(path)
        shared = {semconv.HOOK_EVENT: "transcript", **event.place.attributes}
        logs = []
        for session in families(database.sessions()).get(event.session_id, []):
            for info in database.answers(session.id):
                for use in tokens(info, "" if session.id == event.session_id else session.id):
                    if self._told.get(use.request_id) != use.total:
                        self._told[use.request_id] = use.total
                        logs.append(usage_record(NAME, event.session_id, use, shared))
        while len(self._told) > MAX_TOLD:
            del self._told[next(iter(self._told))]
        if logs:
            yield logs, offset

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return a reader of nothing."""
        return NothingShown()

    def may_show(self, line: bytes) -> bool:
        """No line shows anything."""
        return False
