"""Cline's session files: `~/.cline/data/sessions/<session>/<session>.messages.json`, and one beside it for each subagent.

Each is one JSON object that is written anew with every message. So a file that grew is read from its start, and its mark is its size: what was read
before has the same ids. A message has its moment (`ts`, ms), calls their ids; when a call began is not written, when it ended is that of its
result's message.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hookline.agents.conversations import ParentCall
from hookline.agents.payload import MAX_PATH, Json, integer, long_text, member, members, text
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse, count

Payload = dict[str, Any]
ENDING: Final = ".messages.json"
MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_MESSAGES: Final = 100_000
NS_PER_MS: Final = 1_000_000

_INPUT: Final = re.compile(r'\A<user_input mode="[a-z]+">(.*)</user_input>\s*\Z', re.DOTALL)


def sessions_root(env: Mapping[str, str]) -> Path:
    """Return the folder of all sessions."""
    base = env.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - HOME may be unset
    return Path(base) / ".cline" / "data" / "sessions"


def main_file(root: Path, session_id: str) -> Path:
    """Return the conversation's file of a session."""
    return root / session_id / f"{session_id}{ENDING}"


def record_file(main: Path) -> Path:
    """Return what Cline writes of a session, beside its messages."""
    return main.with_name(main.name.removesuffix(ENDING) + ".json")


def subagent_files(main: Path) -> list[tuple[Path, str]]:
    """Return the files of a session's subagents, with their ids."""
    found = sorted(main.parent.glob(f"agent_*{ENDING}"))
    return [(path, path.name.removesuffix(ENDING)) for path in found]


def read_messages(path: Path) -> Iterator[tuple[Mapping[str, Any], int, int]]:
    """Yield each message of a file. All have the file's size as their end: it is read whole or not at all."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES)
    except OSError:
        return
    try:
        found = json.loads(data)
    except ValueError:
        return  # it is being written
    if not isinstance(found, dict):
        return
    for message in members(found, "messages", MAX_MESSAGES):
        yield message, len(data) - 1, len(data)


def has_answered(main: Path) -> bool:
    """Whether the last message of a conversation is the model's and asks for nothing."""
    last = next(reversed([message for message, _, _ in read_messages(main)]), None)
    return last is not None and text(last, "role") == "assistant" and not any(text(block, "type") == "tool_use" for block in members(last, "content"))


def folder_of(main: Path) -> str:
    """Return a session's folder, as the file beside its messages says."""
    try:
        found = json.loads(record_file(main).read_bytes()[:MAX_FILE_BYTES])
    except (OSError, ValueError):
        return ""
    return text(found, "cwd", MAX_PATH) if isinstance(found, dict) else ""


class MessageReader:
    """Turns the messages of one file into payloads as hooks would have sent them. `agent_id` is the subagent's whose file it is."""

    def __init__(self, session_id: str, path: str, agent_id: str = "", folder: str = "") -> None:
        self._session_id = session_id
        self._path = path
        self._agent_id = agent_id
        self.cwd = folder
        self.branch = ""
        self.parents: dict[str, ParentCall] = {}
        self.prompt_id = ""
        self._calls: dict[str, Payload] = {}
        self._has_begun = False
        self._ending: ToldLine | None = None

    @property
    def is_holding(self) -> bool:
        """Whether a turn's end waits for what comes next."""
        return self._ending is not None

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Yield the end of turn that was held back."""
        ending, self._ending = self._ending, None
        yield from (ending,) if ending else ()

    def read(self, line: Mapping[str, Any]) -> Iterator[ToldLine | TokenUse]:
        """Yield what one message tells."""
        milliseconds = integer(line, "ts")
        if milliseconds is None:
            return
        time_ns = milliseconds * NS_PER_MS
        yield from self.finish()
        if text(line, "role") == "assistant":
            yield from self._assistant(line, time_ns)
        else:
            yield from self._user(line, time_ns)

    def _payload(self, event: str, **more: Any) -> Payload:
        payload: Payload = {
            "hookName": event,
            "sessionContext": {"rootSessionId": self._session_id},
            "workspaceRoots": [self.cwd],
            "transcript_path": self._path,
            "prompt_id": self.prompt_id,
        }
        return payload | ({"agent_id": self._agent_id, "parent_agent_id": self._session_id} if self._agent_id else {}) | more

    def _user(self, line: Json, time_ns: int) -> Iterator[ToldLine]:
        for block in members(line, "content"):
            if text(block, "type") == "tool_result":
                call_id = text(block, "tool_use_id")
                call = self._calls.pop(call_id, {"id": call_id, "name": text(block, "name")})
                yield ToldLine(time_ns, self._payload("tool_result", tool_result=call | {"output": block.get("content")}))
        said = "\n".join(long_text(block, "text") for block in members(line, "content") if text(block, "type") == "text")
        if said and self._agent_id and not self._has_begun:
            yield ToldLine(time_ns, self._payload("agent_start"))
        elif said and not self._agent_id:
            self.prompt_id = text(line, "id")
            found = _INPUT.match(said)
            yield ToldLine(time_ns, self._payload("agent_start", prompt=found[1] if found else said))
        self._has_begun = True

    def _assistant(self, line: Json, time_ns: int) -> Iterator[ToldLine | TokenUse]:
        if text(member(line, "metadata"), "displayRole") == "error":
            error = "\n".join(long_text(block, "text") for block in members(line, "content"))
            yield ToldLine(time_ns, self._payload("agent_error", error={"name": "Error", "message": error}))
            return
        calls = [block for block in members(line, "content") if text(block, "type") == "tool_use"]
        for block in calls:
            call_id = text(block, "id")
            call = self._calls[call_id] = {"id": call_id, "name": text(block, "name"), "input": block.get("input")}
            yield ToldLine(time_ns, self._payload("tool_call", tool_call=call))
        if "metrics" in line:
            yield self._tokens(line, time_ns)
        if not calls:
            self._ending = ToldLine(time_ns, self._payload("agent_end", turn={"status": "completed"}))

    def _tokens(self, line: Json, time_ns: int) -> TokenUse:
        """Return the tokens of a message: its input counts what was read from and written to a cache."""
        used = member(line, "metrics")
        read, written = count(used, "cacheReadTokens"), count(used, "cacheWriteTokens")
        given = max(0, count(used, "inputTokens") - read - written)
        model = text(member(line, "modelInfo"), "id")
        return TokenUse(time_ns, text(line, "id"), model, given, count(used, "outputTokens"), read, written, self.prompt_id, self._agent_id)
