"""A rollout's lines as the payloads that Codex's hooks would have sent.

- A turn is that of `task_started` if a prompt follows (one that only compacts the context has none); its prompt is told at the time of its beginning.
- A call runs from `started_at_ms` to `completed_at_ms` of its item. How long it waited for a permission before that nobody wrote down.
- Starting a subagent and waiting for one have no item with both times: the model's call and its output are the ends.
- A refused call has no item: the output of the model's call says it. Models that work in JavaScript (`exec`) make several calls in one; which
  command was refused is known where the code holds one command, and then by the command alone, since its id is nowhere: it completes what a hook
  told, and history leaves it out.
- A subagent's thread is told as one of its session's, under the turn that started it.

Names that no hook has: `TurnFailed`, `ToolDenied`, `RateLimits` (`hooks.OF_ROLLOUTS`).
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookline.agents.codex.api_errors import kind_of_error
from hookline.agents.codex.rollout_lines import Line, RolloutHeader, RolloutItem, header_of, is_refusal, item_of, payload_of, started_agent, time_of
from hookline.agents.codex.rollout_usage import RolloutUsage
from hookline.agents.codex.tools import SHELL
from hookline.agents.conversations import ParentCall
from hookline.agents.payload import integer, long_text, member, members, number, text
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse

Payload = dict[str, Any]
CODE_TOOL: Final = "exec"  # takes JavaScript
COLLABORATION: Final = "collaboration"
DIRECT: Final = {"exec_command": SHELL, "shell": SHELL, "local_shell": SHELL}
MAX_CALLS: Final = 500
FIVE_HOURS_MIN: Final = 300
SEVEN_DAYS_MIN: Final = 10_080

_COMMAND: Final = re.compile(r"""['"]?cmd['"]?\s*:\s*("(?:[^"\\]|\\.)*")""")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call as the model made it."""

    time_ns: int
    turn_id: str
    name: str
    given: Any


class RolloutReader:
    """Turns the lines of one rollout into payloads, in the order of the file."""

    def __init__(self, session_id: str, path: str = "", agent_id: str = "") -> None:
        self._session_id = session_id
        self._path = path
        self._agent_id = agent_id
        self._header = RolloutHeader("", session_id)
        self._model = self._effort = self._cwd = ""
        self._turn_id = ""
        self._begun_ns = 0
        self._is_prompted = False
        self._asked: OrderedDict[str, _Asked] = OrderedDict()
        self._agents: dict[str, str] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._over: OrderedDict[str, None] = OrderedDict()
        self._limits: Payload = {}
        self._usage = RolloutUsage()

    @property
    def model(self) -> str:
        """The model of what was read last."""
        return self._model

    @property
    def cwd(self) -> str:
        """The folder of what was read last."""
        return self._cwd or self._header.cwd

    @property
    def branch(self) -> str:
        """The branch at the thread's beginning."""
        return self._header.branch

    @property
    def is_holding(self) -> bool:
        """Nothing is held back."""
        return False

    @property
    def parents(self) -> Mapping[str, ParentCall]:
        """Which calls started subagents."""
        return {thread: ParentCall(call_id) for call_id, thread in self._agents.items()}

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Nothing was held back."""
        yield from ()

    def read(self, line: Line) -> Iterator[ToldLine | TokenUse]:
        """Yield what one parsed line tells."""
        yield from self._usage.read(line)
        time_ns, payload, kind = time_of(line), payload_of(line), line.get("type")
        if time_ns is None:
            return
        if kind == "session_meta":
            if (header := header_of(line)) and not self._header.thread_id:  # of a fork the second is its origin's
                self._header = header
        elif kind == "turn_context":
            self._model, self._cwd = text(payload, "model") or self._model, text(payload, "cwd", 4_096) or self._cwd
            self._effort = text(payload, "effort") or self._effort
        elif kind == "event_msg" and (read := _EVENTS.get(text(payload, "type"))):
            yield from read(self, time_ns, payload, line)
        elif kind == "response_item":
            yield from self._response(time_ns, payload)

    def _payload(self, event: str, turn_id: str = "", **more: Any) -> Payload:
        made: Payload = {
            "hook_event_name": event,
            "session_id": self._session_id,
            "turn_id": turn_id or self._turn_id,
            "transcript_path": self._path,
            "cwd": self.cwd,
            "model": self._model,
            "effort": self._effort,
            "entrypoint": self._header.entrypoint,
            "git_branch": self._header.branch,
        }
        if self._agent_id:
            made |= {"agent_id": self._agent_id, "agent_type": self._header.agent_type}
        return made | more

    def _started(self, time_ns: int, payload: Line, line: Line) -> Iterator[ToldLine]:
        self._turn_id, self._begun_ns, self._is_prompted = text(payload, "turn_id"), time_ns, False
        if self._agent_id:
            yield ToldLine(time_ns, self._payload("SubagentStart"))

    def _item(self, time_ns: int, payload: Line, line: Line) -> Iterator[ToldLine]:
        call_id, thread = started_agent(line)
        if thread:
            self._agents[call_id] = thread
        elif item := item_of(line):
            yield from self._call(item)
        elif text(member(payload, "item"), "type") == "UserMessage":
            yield from self._prompt(payload)
        elif text(member(payload, "item"), "type") == "ContextCompaction":
            begun, ended = integer(payload, "started_at_ms"), integer(payload, "completed_at_ms")
            trigger = "auto" if self._is_prompted else "manual"
            yield ToldLine((begun or 0) * 1_000_000 or time_ns, self._payload("PreCompact", trigger=trigger))
            yield ToldLine((ended or 0) * 1_000_000 or time_ns, self._payload("PostCompact", trigger=trigger))

    def _prompt(self, payload: Line) -> Iterator[ToldLine]:
        """A prompt; another one within the turn was taken in by it."""
        if self._agent_id or self._is_prompted:
            return
        self._is_prompted = True
        parts = members(member(payload, "item"), "content")
        prompt = "".join(long_text(part, "text") for part in parts)
        yield ToldLine(self._begun_ns, self._payload("UserPromptSubmit", text(payload, "turn_id"), prompt=prompt))

    def _call(self, item: RolloutItem) -> Iterator[ToldLine]:
        _keep(self._ended, item.call_id)
        call = {"tool_name": item.tool, "tool_use_id": item.call_id, "tool_input": item.given}
        if item.status == "declined":
            yield ToldLine(item.begun_ns, self._payload("PreToolUse", item.turn_id, **call))
            yield ToldLine(item.ended_ns, self._payload("ToolDenied", item.turn_id, **call))
            return
        beside = {"beside": True} if item.turn_id in self._over else {}  # the turn did not wait for it
        said = {"tool_response": item.output, "status": item.status, "exit_code": item.exit_code, "duration_ms": item.duration_ms}
        yield ToldLine(item.begun_ns, self._payload("PreToolUse", item.turn_id, **call))
        yield ToldLine(item.ended_ns, self._payload("PostToolUse", item.turn_id, **call, **said, **beside))

    def _complete(self, time_ns: int, payload: Line, line: Line) -> Iterator[ToldLine]:
        turn_id, answer = text(payload, "turn_id"), long_text(payload, "last_agent_message")
        _keep(self._over, turn_id)
        failed = member(payload, "error")
        if self._agent_id:
            yield ToldLine(time_ns, self._payload("SubagentStop", turn_id, last_assistant_message=answer))
        elif failed:
            yield ToldLine(time_ns, self._payload("TurnFailed", turn_id, error_type=_kind_of(failed), error=long_text(failed, "message")))
        elif self._is_prompted or turn_id != self._turn_id:
            yield ToldLine(time_ns, self._payload("Stop", turn_id, last_assistant_message=answer))

    def _aborted(self, time_ns: int, payload: Line, line: Line) -> Iterator[ToldLine]:
        _keep(self._over, text(payload, "turn_id"))
        yield ToldLine(time_ns, self._payload("SubagentStop" if self._agent_id else "Interrupt", text(payload, "turn_id")))

    def _count(self, time_ns: int, payload: Line, line: Line) -> Iterator[ToldLine]:
        """Usage limits, where they are others than before."""
        windows = [found for key in ("primary", "secondary") if (found := member(member(payload, "rate_limits"), key))]
        limits = {key: value for window in windows for key, value in _window(window, time_ns).items()}
        if limits and limits != self._limits:
            self._limits = limits
            yield ToldLine(time_ns, self._payload("RateLimits", **limits))

    def _response(self, time_ns: int, payload: Line) -> Iterator[ToldLine]:
        """What the model called and got, of what has no item."""
        kind, call_id = text(payload, "type"), text(payload, "call_id")
        if kind in ("function_call", "custom_tool_call") and call_id:
            self._asked[call_id] = _Asked(time_ns, self._turn_id, *_called(payload))
            while len(self._asked) > MAX_CALLS:
                self._asked.popitem(last=False)
        elif kind in ("function_call_output", "custom_tool_call_output") and (asked := self._asked.pop(call_id, None)):
            yield from self._answered(time_ns, call_id, asked, payload.get("output"))

    def _answered(self, time_ns: int, call_id: str, asked: _Asked, output: Any) -> Iterator[ToldLine]:
        if asked.name.startswith(COLLABORATION):
            call = {"tool_name": asked.name, "tool_use_id": call_id, "tool_input": asked.given}
            yield ToldLine(asked.time_ns, self._payload("PreToolUse", asked.turn_id, **call))
            started = {"started_agent": self._agents[call_id]} if call_id in self._agents else {}
            yield ToldLine(time_ns, self._payload("PostToolUse", asked.turn_id, **call, **started, tool_response=output))
        elif call_id not in self._ended and is_refusal(output):
            yield from self._refused(time_ns, call_id, asked)

    def _refused(self, time_ns: int, call_id: str, asked: _Asked) -> Iterator[ToldLine]:
        if asked.name == CODE_TOOL:
            commands = _COMMAND.findall(asked.given) if isinstance(asked.given, str) else []
            if len(commands) != 1:
                return
            call = {"tool_name": SHELL, "tool_input": {"command": json.loads(commands[0], strict=False)}, "model_call_id": call_id, "beside": True}
        else:
            given = asked.given
            command = given.get("cmd") or given.get("command") if isinstance(given, dict) else given
            call = {"tool_name": DIRECT.get(asked.name, asked.name), "tool_use_id": call_id, "tool_input": {"command": command}}
        yield ToldLine(time_ns, self._payload("ToolDenied", asked.turn_id, **call, asked_ns=asked.time_ns))


_EVENTS: Final = {
    "task_started": RolloutReader._started,
    "item_completed": RolloutReader._item,
    "task_complete": RolloutReader._complete,
    "turn_aborted": RolloutReader._aborted,
    "token_count": RolloutReader._count,
}


def _keep(known: OrderedDict[str, None], name: str) -> None:
    known[name] = None
    while len(known) > MAX_CALLS:
        known.popitem(last=False)


def _called(payload: Line) -> tuple[str, Any]:
    """Return (name, input) of a model's call; a name in a namespace as hooks have it, without anything between."""
    name = f"{text(payload, 'namespace')}{text(payload, 'name')}"
    if payload.get("type") == "custom_tool_call":
        return name, payload.get("input")
    try:
        return name, json.loads(long_text(payload, "arguments"))
    except ValueError:
        return name, long_text(payload, "arguments")


def _kind_of(failed: Line) -> str:
    """Return what kind of error ended a turn: the API's own word, else the client's, which is one or an object with one key."""
    info = failed.get("codex_error_info")
    said = next(iter(info), "") if isinstance(info, dict) else info if isinstance(info, str) else ""
    return kind_of_error(long_text(failed, "message")) or said


def _window(window: Line, time_ns: int) -> Payload:
    name = {FIVE_HOURS_MIN: "five_hour", SEVEN_DAYS_MIN: "seven_day"}.get(integer(window, "window_minutes") or 0, "")
    if not name:
        return {}
    resets_at, in_s = integer(window, "resets_at"), integer(window, "resets_in_seconds")
    at = resets_at if resets_at is not None else None if in_s is None else time_ns // 1_000_000_000 + in_s
    return {f"{name}_percent": number(window, "used_percent"), f"{name}_resets_at": at}
