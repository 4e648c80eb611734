"""Copilot CLI's session file, `session-state/<session>/events.jsonl`: lines `{type, data, id, timestamp, agentId?}`, a subagent's among its parent's.

Two readers, each fed one line after the other:

    `SessionFileReader`   history: payloads as hooks would have sent them, with the ids of calls, and tokens
    `SessionFileSigns`    a live session: only what no hook tells. The client writes its lines half a second late

A prompt's id is that of its hook, where hooks ran (`hook.start` has the moment that names it), else that of its message. What the file shows of
calls of a live session names them by tool and input, as the hooks do: the ids that it has are not known to them.

    refused, by a person or a rule     `permission.completed` `denied…`, or a result with `error.code`     PermissionDenied
    allowed: it runs                   `permission.completed` `approved…`                                  ToolRunning
    stopped by a person                `abort`                                                             TurnInterrupted
    typed ahead, and taken in          `user.message` with `delivery` `steering`                           UserPromptSubmit
    the context is compacted           `session.compaction_complete`                                       PostCompact
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from hookline.agents.conversations import ParentCall, time_of
from hookline.agents.copilot_cli.hooks import prompt_id_of
from hookline.agents.equipment import TranscriptSign
from hookline.agents.payload import Json, integer, member, text
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse, count

MAX_CALLS: Final = 500
REFUSED: Final = frozenset({"denied", "rejected"})
KINDS: Final = (
    b'"permission.completed"',
    b'"tool.execution_',
    b'"abort"',
    b'"session.compaction_complete"',
)  # a line with none of them shows nothing

Payload = dict[str, Any]


class OpenCalls:
    """The calls under way, by their ids."""

    def __init__(self) -> None:
        self._known: dict[str, Payload] = {}

    def begin(self, data: Json) -> Payload:
        """Take in a call's start and return what names the call."""
        given = data.get("arguments")
        call: Payload = {"tool_name": text(data, "toolName"), "tool_input": given if given is not None else {}}
        if server := text(data, "mcpServerName"):
            call["mcp_server"] = server
        self._known[text(data, "toolCallId")] = call
        while len(self._known) > MAX_CALLS:
            del self._known[next(iter(self._known))]
        return call

    def get(self, data: Json) -> Payload:
        """Return what names the call of a line; empty where its start was not seen."""
        return self._known.get(text(data, "toolCallId"), {})

    def end(self, data: Json) -> Payload:
        """Return the same of a call that is over."""
        return self._known.pop(text(data, "toolCallId"), {})


class SessionFileReader:
    """Reads one session's file for history."""

    is_holding = False

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._calls = OpenCalls()
        self._hooked: tuple[str, int] | None = None  # the prompt that hooks were just told of: its id and moment (Unix ms)
        self._prompt_id = ""
        self._is_open = False  # a turn is under way
        self._model = ""
        self._wants_tools: dict[str, bool] = {}  # by agent: whether its last message calls tools
        self.cwd = self.branch = ""
        self.parents: dict[str, ParentCall] = {}

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Nothing is held back."""
        yield from ()

    def read(self, line: Mapping[str, Any]) -> Iterator[ToldLine | TokenUse]:
        """Yield what one parsed line tells."""
        kind, time_ns = text(line, "type"), time_of(line)
        if time_ns is None:
            return
        data, agent_id = member(line, "data"), text(line, "agentId")
        self._look_around(kind, data)
        if kind == "session.usage_record":
            usage = member(data, "usage")
            yield from self._tokens(usage, text(usage, "apiCallId") or text(line, "id"), agent_id, time_ns)
        elif read := READERS.get(kind):
            yield from read(self, data, agent_id, time_ns)

    def _told(self, time_ns: int, event: str = "", agent_id: str = "", call: Payload | None = None, **more: Any) -> ToldLine:
        payload: Payload = {"hook_event_name": event, "session_id": self._session_id, "cwd": self.cwd, "git_branch": self.branch}
        payload |= {"model": self._model, "agent_id": agent_id} if agent_id else {"model": self._model, "prompt_id": self._prompt_id}
        return ToldLine(time_ns, {key: value for key, value in (payload | (call or {}) | more).items() if value not in ("", None)})

    def _look_around(self, kind: str, data: Json) -> None:
        if kind in ("session.start", "session.resume", "session.context_changed"):
            context = member(data, "context") or data
            self.cwd, self.branch = text(context, "cwd", 4_096) or self.cwd, text(context, "branch") or self.branch
        self._model = (
            text(data, "selectedModel") or text(data, "newModel") or (text(data, "model") if kind == "assistant.message" else "") or self._model
        )

    def _hook(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        """Hooks were told of a prompt: its line comes next."""
        given = member(data, "input")
        if text(data, "hookType") == "userPromptSubmitted" and text(given, "sessionId") == self._session_id:
            at_ms = integer(given, "timestamp")
            self._hooked = (prompt_id_of(self._session_id, at_ms), at_ms) if at_ms else None
        yield from ()

    def _prompt(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        """A person's prompt begins a turn; what a skill, an agent or the client itself says does not."""
        if agent_id or text(data, "source") not in ("", "user"):
            return
        hooked, self._hooked = self._hooked, None
        if is_steering(data) and not hooked:
            yield self._told(time_ns, "UserPromptSubmit", prompt=text(data, "content", 4_096), prompt_source="absorbed")
            return
        if isinstance(data.get("kind"), dict) and self._is_open and not hooked:
            return  # a notice that the turn under way took in
        self._is_open = True
        self._prompt_id = hooked[0] if hooked else text(data, "messageId") or prompt_id_of(self._session_id, time_ns // 1_000_000)
        prompt = data.get("content")
        at_ns = hooked[1] * 1_000_000 if hooked else time_ns
        yield self._told(at_ns, "UserPromptSubmit", prompt=prompt if isinstance(prompt, str) else "")

    def _message(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        self._wants_tools[agent_id] = bool(data.get("toolRequests"))
        yield from ()

    def _turn_end(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        """The model's turn ends after each of its answers; the person's with the one that calls no tool."""
        if not agent_id and self._wants_tools.pop(agent_id, True) is False:
            self._is_open = False
            yield self._told(time_ns, "Stop")

    def _call_begins(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        yield self._told(time_ns, "PreToolUse", agent_id, self._calls.begin(data), tool_use_id=text(data, "toolCallId"))

    def _call_ends(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        ended = ended_call(data, self._calls.end(data))
        yield self._told(time_ns, "", agent_id, ended, tool_use_id=text(data, "toolCallId"))

    def _granted(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        if (call := self._calls.get(data)) and text(member(data, "result"), "kind").startswith("approved"):
            yield self._told(time_ns, "ToolRunning", agent_id, call, tool_use_id=text(data, "toolCallId"))

    def _asked(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        asked = member(data, "permissionRequest")
        if call := self._calls.get(asked):
            named = call | {"tool_use_id": text(asked, "toolCallId")}
            yield self._told(time_ns, "Notification", agent_id, named, notification_type="permission_prompt")

    def _subagent_begins(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        named = text(data, "agentType") or text(data, "agentName")
        if agent_id:
            self.parents[agent_id] = ParentCall(text(data, "toolCallId"), named)
            yield self._told(time_ns, "SubagentStart", agent_id, agent_type=named)

    def _subagent_ends(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        reason = "failed" if text(data, "error") else "cancelled" if data.get("cancelled") is True else "end_turn"
        if agent_id:
            yield self._told(time_ns, "SubagentStop", agent_id, stop_reason=reason)

    def _failed(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        error = {"message": text(data, "message", 4_096), "status": str(integer(data, "statusCode") or "")}
        if not agent_id:
            yield self._told(time_ns, "ErrorOccurred", error=error, error_context="model_call")

    def _stopped(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        if not agent_id:
            self._is_open = False
            yield self._told(time_ns, "TurnInterrupted")

    def _compacts(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine]:
        yield self._told(time_ns, "PreCompact", agent_id, trigger=text(data, "trigger"))

    def _compacted(self, data: Json, agent_id: str, time_ns: int) -> Iterator[ToldLine | TokenUse]:
        yield self._told(time_ns, "PostCompact", agent_id, trigger=text(data, "trigger"))
        yield from self._tokens(member(data, "compactionTokensUsed"), text(data, "compactionAttemptId"), agent_id, time_ns)

    def _tokens(self, usage: Json, request_id: str, agent_id: str, time_ns: int) -> Iterator[TokenUse]:
        read, written = count(usage, "cacheReadTokens"), count(usage, "cacheWriteTokens")
        given, output = count(usage, "inputTokens"), count(usage, "outputTokens")
        uncached = given - read - written  # what was read from a cache or written into it is part of what was given
        if given or output:
            model = text(usage, "model") or self._model
            yield TokenUse(time_ns, request_id, model, max(uncached, 0), output, read, written, self._prompt_id, agent_id, count(usage, "duration"))


LineRule = Callable[[SessionFileReader, Json, str, int], Iterator[ToldLine | TokenUse]]
READERS: Final[dict[str, LineRule]] = {
    "hook.start": SessionFileReader._hook,
    "user.message": SessionFileReader._prompt,
    "system.notification": SessionFileReader._prompt,  # the client prompts itself
    "assistant.message": SessionFileReader._message,
    "assistant.turn_end": SessionFileReader._turn_end,
    "tool.execution_start": SessionFileReader._call_begins,
    "tool.execution_complete": SessionFileReader._call_ends,
    "permission.requested": SessionFileReader._asked,
    "permission.completed": SessionFileReader._granted,
    "subagent.started": SessionFileReader._subagent_begins,
    "subagent.completed": SessionFileReader._subagent_ends,
    "subagent.failed": SessionFileReader._subagent_ends,
    "session.error": SessionFileReader._failed,
    "abort": SessionFileReader._stopped,
    "session.compaction_start": SessionFileReader._compacts,
    "session.compaction_complete": SessionFileReader._compacted,
}


class SessionFileSigns:
    """Reads a live session's file for what no hook tells."""

    def __init__(self, session_id: str, path: str) -> None:
        self._session_id = session_id
        self._path = path
        self._calls = OpenCalls()

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield what one parsed line shows."""
        time_ns, name, data = time_of(line), text(line, "id"), member(line, "data")
        if time_ns is None or not name:
            return
        if payload := self._shown(text(line, "type"), data):
            common = {"session_id": self._session_id, "transcript_path": self._path, "agent_id": text(line, "agentId")}
            yield TranscriptSign(time_ns, name, common | payload)

    def _shown(self, kind: str, data: Json) -> Payload:
        match kind:
            case "tool.execution_start":
                self._calls.begin(data)
            case "tool.execution_complete":
                ended = ended_call(data, self._calls.end(data))
                return ended if ended["hook_event_name"] == "PermissionDenied" and "tool_name" in ended else {}
            case "permission.completed":
                decided = _DECIDED.get(text(member(data, "result"), "kind").partition("-")[0], "")
                call = self._calls.end(data) if decided == "PermissionDenied" else self._calls.get(data)
                return {"hook_event_name": decided, **call} if decided and call else {}
            case "user.message" if is_steering(data):
                return {"hook_event_name": "UserPromptSubmit", "prompt": text(data, "content", 4_096), "prompt_source": "absorbed"}
            case "abort":
                return {"hook_event_name": "TurnInterrupted"}
            case "session.compaction_complete":
                return {"hook_event_name": "PostCompact", "trigger": text(data, "trigger")}
        return {}


def is_steering(data: Json) -> bool:
    """Whether a message was typed while a turn ran, which then took it in: no hook comes, and no turn begins."""
    return text(data, "delivery") == "steering" and text(data, "source") in ("", "user")


_DECIDED: Final = {"approved": "ToolRunning", "denied": "PermissionDenied"}


def ended_call(data: Json, call: Payload) -> Payload:
    """Return how a call ended, as a hook's payload."""
    result, error = member(data, "result"), member(data, "error")
    code = data.get("success")
    if code is not False:
        exit_code = member(data, "shellExecution").get("exitCode")
        said = {"result_type": "success", "text_result_for_llm": result.get("content"), "exit_code": exit_code}
        return {"hook_event_name": "PostToolUse", **call, "tool_result": said}
    name = "PermissionDenied" if text(error, "code") in REFUSED else "PostToolUseFailure"
    return {"hook_event_name": name, **call, "error": {"code": text(error, "code"), "message": error.get("message")}}
