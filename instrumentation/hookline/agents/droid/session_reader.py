"""Droid's session file as the payloads that hooks would have sent, for history; and what it shows of a live session that no hook tells.

A call begins when its hook had run, where hooks were there, else with its message; it ends when the hook behind it began, else with its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.agents.conversations import ParentCall
from hookline.agents.droid.session_lines import AnsweredCall, HookRun, SessionLine, read_line
from hookline.agents.equipment import TranscriptSign
from hookline.agents.payload import MAX_PATH, Json, text
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse

Payload = dict[str, Any]
MAX_CALLS: Final = 500
KINDS: Final = (b'"tool_result"', b'"tool_use"', b'"role":"user"', b'"role": "user"', b'"agent_turn_outcome"')
ENDS: Final = frozenset({"PostToolUse", "PostToolUseFailure"})


class SessionReader:
    """Turns the lines of one session's file into payloads, in the order of the file."""

    def __init__(self, session_id: str, path: str) -> None:
        self._session_id = session_id
        self._path = path
        self.cwd = ""
        self.branch = ""
        self.parents: dict[str, ParentCall] = {}
        self.prompt_id = ""
        self.model = ""
        self.began_ns = 0  # when the session did
        self._last: SessionLine | None = None
        self._calls: dict[str, Payload] = {}
        self._ended_ns: dict[str, int] = {}

    @property
    def is_holding(self) -> bool:
        """Nothing is held back."""
        return False

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Yield nothing."""
        yield from ()

    def read(self, line: Json) -> Iterator[ToldLine | TokenUse]:
        """Yield what one parsed line tells."""
        if text(line, "type") == "session_start":
            self.cwd = text(line, "cwd", MAX_PATH)
        elif text(line, "type") == "agent_turn_outcome":
            yield from self._over(text(line, "reason"))
        elif found := read_line(line):
            self.began_ns = self.began_ns or found.time_ns
            if found.hook:
                self._hook(found.hook)
                return
            self._last, self.model = found, found.model or self.model
            yield from self._message(found)

    def _payload(self, event: str, **more: Any) -> Payload:
        payload: Payload = {"hook_event_name": event, "session_id": self._session_id, "cwd": self.cwd, "transcript_path": self._path}
        return payload | {"prompt_id": self.prompt_id, "model": self.model} | more

    def _hook(self, run: HookRun) -> None:
        if run.event == "PostToolUse":
            self._ended_ns[run.call_id] = run.began_ns

    def _message(self, line: SessionLine) -> Iterator[ToldLine]:
        if line.prompt is not None:
            self.prompt_id = line.id
            yield ToldLine(line.time_ns, self._payload("UserPromptSubmit", prompt=line.prompt, message_id=line.id))
        for asked in line.asked:
            call = {"tool_name": asked.name, "tool_input": asked.given, "tool_use_id": asked.call_id}
            self._calls[asked.call_id] = call
            while len(self._calls) > MAX_CALLS:
                del self._calls[next(iter(self._calls))]
            yield ToldLine(line.time_ns, self._payload("PreToolUse", **call))
        for answered in line.answered:
            yield self._answer(line, answered)

    def _answer(self, line: SessionLine, answered: AnsweredCall) -> ToldLine:
        call = self._calls.pop(answered.call_id, {"tool_use_id": answered.call_id})
        at = self._ended_ns.pop(answered.call_id, line.time_ns)
        if answered.is_error:
            error = answered.content if isinstance(answered.content, str) else ""
            return ToldLine(at, self._payload("PostToolUseFailure", error=error, **call))
        return ToldLine(at, self._payload("PostToolUse", tool_response=answered.content, **call))

    def _over(self, reason: str) -> Iterator[ToldLine]:
        """A turn is over: how, its last message says better than the reason, which names an interrupted one completed."""
        last = self._last
        if last is None:
            return
        if last.is_cancel:
            yield ToldLine(last.time_ns, self._payload("TurnInterrupted"))
        elif last.shown or reason not in ("completed", ""):
            yield ToldLine(last.time_ns, self._payload("StopFailure", error=last.shown))
        else:
            yield ToldLine(last.time_ns, self._payload("Stop"))


class SessionSigns:
    """What a live session's file shows and no hook tells: the prompt of `droid exec`, and calls that failed, were refused or stopped."""

    def __init__(self, session_id: str, path: str) -> None:
        self._reader = SessionReader(session_id, path)

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield what one parsed line shows."""
        for told in self._reader.read(line):
            if isinstance(told, TokenUse):
                continue
            name, call_id = str(told.payload["hook_event_name"]), str(told.payload.get("tool_use_id") or "")
            if name == "UserPromptSubmit":
                yield TranscriptSign(told.time_ns, f"prompt-{self._reader.prompt_id}", told.payload, f"prompt:{self._reader.prompt_id}")
            elif name in ENDS and call_id:
                is_news = name == "PostToolUseFailure"  # no hook ever tells of it
                yield TranscriptSign(told.time_ns, f"end-{call_id}", told.payload, "" if is_news else f"done:{call_id}")
