"""OpenCode's stored messages as what its plugin would have told: prompts, calls, ends of turns, tokens with the same ids.

One conversation is one database, as it is one file and how far a file was read is one number. It is read session by session, each with the
messages of its subagents, through the reader that every agent's history goes through; a session of which anything is new is told again from its
first message that was not done, and what hooks delivered is passed over.

How long a person was asked is not stored: a call's permission is part of its run here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from hookline.agents.agent import Agent
from hookline.agents.conversations import LineConversation, ParentCall
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, Transcript
from hookline.agents.opencode.database import OpenCodeSession, SessionDatabase, families, root_of
from hookline.agents.payload import Json, integer, member, members, number, text
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse, count
from hookline.records import FoldStep

MS: Final = 1_000_000
GOING_ON: Final = frozenset({"", "tool-calls", "unknown"})  # why an answer was over, when another one follows


class StoredMessageReader:
    """Reads the messages of one root session and of its subagents."""

    is_holding = False
    branch = ""

    def __init__(self, session_id: str, folder: str) -> None:
        self._session_id = session_id
        self._begun: set[str] = set()
        self.cwd = folder
        self.parents: dict[str, ParentCall] = {}

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Nothing is held back."""
        yield from ()

    def read(self, line: Mapping[str, Any]) -> Iterator[ToldLine | TokenUse]:
        """Yield what one message tells."""
        info, of = member(line, "info"), text(line, "session_id")
        agent_id = "" if of == self._session_id else of
        created = integer(member(info, "time"), "created")
        if created is None:
            return
        if agent_id and agent_id not in self._begun:
            self._begun.add(agent_id)
            yield self._told(created, "session.created", agent_id, agent_type=text(info, "agent") or text(info, "mode"), source="startup")
        if text(info, "role") == "user":
            yield from self._asked(info, members(line, "parts"), agent_id, created)
        elif text(info, "role") == "assistant":
            yield from self._answered(info, members(line, "parts"), agent_id)

    def _told(self, time_ms: float, event: str, agent_id: str, **more: Any) -> ToldLine:
        payload = {"hook_event_name": event, "session_id": self._session_id, "cwd": self.cwd, "agent_id": agent_id, **more}
        return ToldLine(int(time_ms * MS), {key: value for key, value in payload.items() if value not in ("", None)})

    def _asked(self, info: Json, parts: list[Json], agent_id: str, created: int) -> Iterator[ToldLine]:
        if agent_id:
            return
        said = "\n".join(str(part.get("text") or "") for part in parts if text(part, "type") == "text" and part.get("synthetic") is not True)
        model = member(info, "model")
        about = {"agent": text(info, "agent"), "model": text(model, "modelID"), "provider": text(model, "providerID")}
        yield self._told(created, "chat.message", "", prompt_id=text(info, "id"), prompt=said, prompt_length=len(said), **about)

    def _answered(self, info: Json, parts: list[Json], agent_id: str) -> Iterator[ToldLine | TokenUse]:
        prompt_id, completed = text(info, "parentID"), integer(member(info, "time"), "completed")
        prompt = {} if agent_id else {"prompt_id": prompt_id}
        for part in parts:
            if text(part, "type") == "tool":
                yield from self._called(part, agent_id, prompt)
        if completed is None:
            return
        yield from tokens(info, agent_id)
        error = member(info, "error")
        if error:
            data = member(error, "data")
            about = {"error_name": text(error, "name"), "error": text(data, "message", 4_096), "status_code": integer(data, "statusCode")}
            yield self._told(completed, "session.error", agent_id, **prompt, **about)
        elif text(info, "finish") not in GOING_ON or any(_is_refused(part) for part in parts):
            yield self._told(completed, "session.idle", agent_id, **prompt)

    def _called(self, part: Json, agent_id: str, prompt: Mapping[str, str]) -> Iterator[ToldLine]:
        state = member(part, "state")
        status, when, metadata = text(state, "status"), member(state, "time"), member(state, "metadata")
        start, end = number(when, "start"), number(when, "end")
        if start is None or status not in ("running", "completed", "error"):
            return
        call = {"tool_name": text(part, "tool"), "call_id": text(part, "callID"), "tool_input": state.get("input"), **prompt}
        if child := text(metadata, "sessionId"):
            call["child_id"] = child
            self.parents[child] = ParentCall(text(part, "callID"), text(member(state, "input"), "subagent_type"))
        yield self._told(start, "message.part.updated", agent_id, status="running", **call)
        if status == "running" or end is None:
            return
        output, error = state.get("output"), state.get("error")
        said = output if isinstance(output, str) else error if isinstance(error, str) else ""
        ended = {"output": output, "error": error, "output_size": len(said.encode("utf-8", "surrogatepass")), "exit": metadata.get("exit")}
        yield self._told(end, "message.part.updated", agent_id, status=status, interrupted=metadata.get("interrupted"), **call, **ended)


def _is_refused(part: Json) -> bool:
    """Whether a person refused a call: the agent then stops."""
    return "rejected permission" in text(member(part, "state"), "error", 4_096)


def tokens(info: Json, agent_id: str) -> Iterator[TokenUse]:
    """Yield the tokens of an answer that is complete: one request, named by its message."""
    used, completed = member(info, "tokens"), integer(member(info, "time"), "completed")
    cache = member(used, "cache")
    read, written, given = count(cache, "read"), count(cache, "write"), count(used, "input")
    output = count(used, "output") + count(used, "reasoning")
    if completed is not None and (given or output or read or written):
        prompt_id = "" if agent_id else text(info, "parentID")
        yield TokenUse(completed * MS, text(info, "id"), text(info, "modelID"), given, output, read, written, prompt_id, agent_id)


class DatabaseHistory:
    """Reads one database from its mark to its end, behind the protocol of a conversation's history."""

    def __init__(self, agent: Agent, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> None:
        self.session_id = conversation.session_id
        self._agent = agent
        self._around = around
        self._path = conversation.transcripts[0].path
        self._mark = marks.get(self._path, Mark())
        self._readers: list[tuple[LineConversation, int]] = []  # a session's, with the number behind its last message
        self.lines = 0
        self._end = self._mark.offset

    def steps(self, now_ns: int, quiet_ns: int) -> Iterator[FoldStep]:
        """Yield the steps of what is new."""
        database = SessionDatabase(self._path)
        sessions, changed = database.sessions(), database.changed(self._mark.offset)
        of_root = families(sessions)
        for root in dict.fromkeys(root_of(session_id, sessions) for session_id in sorted(changed, key=lambda one: changed[one])):
            family = of_root[root]
            reader = self._opened(database, root, family)
            self._readers.append((reader, 1 + max(changed.get(session.id, 0) for session in family)))
            yield from reader.steps(now_ns, quiet_ns)
            self.lines += reader.lines
        self._end = max([self._end, *(number + 1 for number in changed.values())])

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Take note that everything up to these events was accepted."""
        for reader, _ in self._readers:
            reader.acknowledge(released)

    def prompts(self) -> list[str]:
        """Return nothing: sessions are no copies of others."""
        return []

    def marks(self) -> dict[Path, Mark]:
        """Return how far the database is done: up to the first message that a session still needs."""
        open_ = [mark.offset for reader, end in self._readers for mark in reader.marks().values() if mark.offset < end]
        return {self._path: Mark(min([self._end, *open_]))}

    def _opened(self, database: SessionDatabase, root: str, family: list[OpenCodeSession]) -> LineConversation:
        folder = next((session.directory for session in family if session.id == root), "")
        return LineConversation(
            self._agent,
            Conversation(root, (Transcript(self._path, 0, 0.0),)),
            {self._path: self._mark},
            self._around,
            lambda _: StoredMessageReader(root, folder),
            partial(_rows, database, family),
        )


def _rows(database: SessionDatabase, family: list[OpenCodeSession], path: Path) -> Iterator[tuple[Mapping[str, Any], int, int]]:
    """Yield the messages of a session and of its subagents in the order of their numbers."""
    del path
    found = [item for session in family for item in database.messages(session)]
    for message, at in sorted(found, key=lambda item: item[1]):
        yield message, at, at + 1
