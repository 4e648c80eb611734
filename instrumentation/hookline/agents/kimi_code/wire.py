"""Kimi Code's session files (`wire.jsonl`) as the payloads that its hooks would have sent.

Read from 2.1.0, protocol 1.5. A line has a `type` and a `time` in ms; what is not known is passed over.

    turn.prompt                         TurnStarted; in a subagent's file SubagentStart
    tool.call, tool.result              PreToolUse; PostToolUse or PostToolUseFailure with the client's own duration
    interaction.request, …_approval_…   PermissionRequest, PermissionResult: a call is written once it may run, so they are held until then
    turn.ended                          Stop, StopFailure or Interrupt; in a subagent's file SubagentStop
    full_compaction.begin, .complete    PreCompact, PostCompact
    usage.record                        tokens of one request, with the model that the request before it names

Hooks are not waited for, so a run that ends at once may lose some: `WireSigns` gives of the same lines what makes up for that. And they do not
say whose a call is, nor which subagent starts or ends, so it gives that of a subagent's file as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.agents.conversations import ParentCall
from hookline.agents.equipment import TranscriptSign
from hookline.agents.kimi_code.hooks import SUBAGENT
from hookline.agents.kimi_code.identity import MAIN, turn_id
from hookline.agents.kimi_code.session_files import time_of
from hookline.agents.payload import MAX_PATH, Json, integer, long_text, member, text
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse, count

Payload = dict[str, Any]
MAX_CALLS: Final = 500
KINDS: Final = (b'"turn.', b'"tool.', b'"interaction.request"', b'"permission.record_approval_result"', b'"full_compaction.', b'"profile.bind"')


class WireReader:
    """Turns the lines of one session file into payloads, in the order of the file. `agent_id` is the subagent's whose file it is."""

    def __init__(self, session_id: str, path: str, agent_id: str = "", agent_type: str = "", folder: str = "") -> None:
        self._session_id = session_id
        self._path = path
        self._agent_id = agent_id
        self._agent_type = agent_type
        self.cwd = folder
        self.branch = ""
        self.parents: dict[str, ParentCall] = {}
        self._model = ""
        self._turn: int | None = None
        self._calls: dict[str, Payload] = {}
        self._asked: dict[str, list[tuple[int, Payload]]] = {}

    @property
    def prompt_id(self) -> str:
        """The prompt under way; a subagent's file names its own and not the conversation's."""
        return "" if self._agent_id or self._turn is None else turn_id(self._session_id, self._turn)

    @property
    def is_holding(self) -> bool:
        """Whether a permission waits for its call: neither is told before that."""
        return bool(self._asked)

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Yield nothing: a permission of which no call was written told nothing that ran."""
        self._asked.clear()
        yield from ()

    def read(self, line: Json) -> Iterator[ToldLine | TokenUse]:
        """Yield what one parsed line tells."""
        time_ns, kind = time_of(line), text(line, "type")
        if time_ns is None:
            return
        if kind == "profile.bind":
            self.cwd = text(member(line, "environmentDisclosure"), "cwd", MAX_PATH) or self.cwd
            self._agent_type = self._agent_type or (text(line, "profileName") if self._agent_id else "")
        elif kind == "llm.request":
            self._model = text(line, "model") or self._model
        elif kind == "usage.record":
            yield self._tokens(line, time_ns)
        elif kind == "subagent.spawned":
            self.parents[text(line, "subagentId")] = ParentCall(text(line, "parentToolCallId"), text(line, "subagentName"))
        elif kind == "context.append_loop_event":
            yield from self._loop(member(line, "event"), time_ns)
        elif read := _READERS.get(kind):
            yield from read(self, line, time_ns)

    def _payload(self, event: str, **more: Any) -> Payload:
        payload: Payload = {"hook_event_name": event, "session_id": self._session_id, "cwd": self.cwd, "transcript_path": self._path}
        if self._agent_id:
            payload |= {"agent_id": self._agent_id, "agent_name": self._agent_type}
        elif self._turn is not None:
            payload["turn_id"] = self._turn
        return payload | more

    def _prompt(self, line: Json, time_ns: int) -> Iterator[ToldLine]:
        self._turn = integer(line, "turnId")
        origin = member(line, "origin")
        if self._agent_id:
            yield ToldLine(time_ns, self._payload("SubagentStart"))
        elif text(origin, "name") != SUBAGENT:
            prompt = self._payload("TurnStarted", origin_kind=text(origin, "kind"), origin_name=text(origin, "name"), prompt=line.get("input"))
            yield ToldLine(time_ns, prompt)

    def _asked_for(self, line: Json, time_ns: int) -> Iterator[ToldLine]:
        if text(line, "kind") == "approval" and (call_id := text(line, "toolCallId")):
            self._asked.setdefault(call_id, []).append((time_ns, self._payload("PermissionRequest")))
        yield from ()

    def _answered(self, line: Json, time_ns: int) -> Iterator[ToldLine]:
        if held := self._asked.get(text(line, "toolCallId")):
            held.append((time_ns, self._payload("PermissionResult", decision=text(member(line, "result"), "decision"))))
        yield from ()

    def _loop(self, event: Json, time_ns: int) -> Iterator[ToldLine]:
        call_id = text(event, "toolCallId")
        if text(event, "type") == "tool.call" and call_id:
            call = {"tool_name": event.get("name"), "tool_input": event.get("args"), "tool_call_id": call_id}
            self._calls[call_id] = call
            while len(self._calls) > MAX_CALLS:
                del self._calls[next(iter(self._calls))]
            held = self._asked.pop(call_id, [])
            yield ToldLine(held[0][0] if held else time_ns, self._payload("PreToolUse", **call))
            yield from (ToldLine(at, payload | call) for at, payload in held)
        elif text(event, "type") == "tool.result" and call_id:
            yield ToldLine(time_ns, self._ended(event, self._calls.pop(call_id, {"tool_call_id": call_id})))

    def _ended(self, event: Json, call: Payload) -> Payload:
        result = member(event, "result")
        timed = {"duration_ms": result.get("durationMs")}
        if result.get("isError") is True:
            return self._payload("PostToolUseFailure", error={"message": long_text(result, "output")}, **timed, **call)
        return self._payload("PostToolUse", tool_output=result.get("output"), **timed, **call)

    def _turn_over(self, line: Json, time_ns: int) -> Iterator[ToldLine]:
        reason, error = text(line, "reason"), member(line, "error")
        if self._agent_id:
            yield ToldLine(time_ns, self._payload("SubagentStop", is_failure=reason not in ("completed", "")))
        elif reason == "failed":
            failed = {"error_type": text(error, "name") or text(error, "code"), "error_message": long_text(error, "message")}
            yield ToldLine(time_ns, self._payload("StopFailure", **failed))
        else:
            yield ToldLine(time_ns, self._payload("Interrupt" if reason == "cancelled" else "Stop"))

    def _tokens(self, line: Json, time_ns: int) -> TokenUse:
        usage = member(line, "usage")
        return TokenUse(
            time_ns,
            f"{self._session_id}/{self._agent_id or MAIN}/{time_ns // 1_000_000}",
            self._model or text(line, "model"),
            count(usage, "inputOther"),
            count(usage, "output"),
            count(usage, "inputCacheRead"),
            count(usage, "inputCacheCreation"),
            self.prompt_id,
            self._agent_id,
        )

    def _compacts(self, line: Json, time_ns: int) -> Iterator[ToldLine]:
        yield ToldLine(time_ns, self._payload("PreCompact", trigger=text(line, "source")))

    def _compacted(self, line: Json, time_ns: int) -> Iterator[ToldLine]:
        yield ToldLine(time_ns, self._payload("PostCompact", trigger=text(line, "source")))


_READERS: Final = {
    "turn.prompt": WireReader._prompt,
    "turn.ended": WireReader._turn_over,
    "interaction.request": WireReader._asked_for,
    "permission.record_approval_result": WireReader._answered,
    "full_compaction.begin": WireReader._compacts,
    "full_compaction.complete": WireReader._compacted,
}


class WireSigns:
    """What a live session's file shows and hooks may have lost: prompts, ends of calls and of turns; and what a subagent's file says of it."""

    def __init__(self, session_id: str, path: str, agent_id: str = "") -> None:
        self._reader = WireReader(session_id, path, agent_id)
        self._is_main = agent_id in ("", MAIN)

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield what one parsed line shows."""
        for told in self._reader.read(line):
            if isinstance(told, TokenUse):
                continue
            name, call_id = str(told.payload["hook_event_name"]), str(told.payload.get("tool_call_id") or "")
            own = f"{told.payload['session_id']}-{name}-{call_id or self._reader.prompt_id.rpartition('/')[2]}-{told.time_ns}"
            if name in ("PostToolUse", "PostToolUseFailure"):
                yield TranscriptSign(told.time_ns, own, told.payload, f"done:{call_id}")
            elif name in ("PreToolUse", "SubagentStart", "SubagentStop") and not self._is_main:
                yield TranscriptSign(told.time_ns, own, told.payload)
            elif self._is_main and name == "TurnStarted":
                yield TranscriptSign(told.time_ns, own, told.payload, f"prompt:{self._reader.prompt_id}")
            elif self._is_main and name == "Stop":
                yield TranscriptSign(told.time_ns, own, told.payload, f"end:{self._reader.prompt_id}")
            elif self._is_main and name in ("StopFailure", "Interrupt"):
                yield TranscriptSign(told.time_ns, own, told.payload)
