"""Qwen Code's session files: lines as the payloads that its hooks would have sent.

    projects/<slug>/chats/<session>.jsonl                         the main conversation
    projects/<slug>/subagents/<session>/agent-<agent id>.jsonl    a subagent's, with an `agent-<agent id>.meta.json` beside it

- a prompt is a user's line of `provenance` `real_user`. Its id stands in the client's own telemetry behind it (`ui_telemetry`, of a request or a
  call), or in a `file_history_snapshot` at once; until then everything is held back;
- a call runs from the assistant's line that asks for it to its `tool_result`: durations in the file hold the wait for a person as well; one that
  never started (`executionStatus` `not_started`) was refused, one that is `cancelled` was stopped;
- a turn ends with the last assistant's line that asks for no call, held back until another prompt or the end; or with an API error, or a call that a
  person stopped or refused, that nothing followed;
- tokens are those of the client's telemetry of each request (`api_response`), which stands in the main file for subagents too, and for what the
  client asks by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.agents.conversations import ParentCall, Payload, time_of
from hookline.agents.equipment import Transcript
from hookline.agents.gemini_family import calls_in, has_error_response, is_denied, response_text
from hookline.agents.payload import long_text, member, members, text
from hookline.agents.qwen_code.tools import NOT_STARTED, REFUSED
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse, count

PERSON: Final = "real_user"
TELEMETRY: Final = "ui_telemetry"
SNAPSHOT: Final = "file_history_snapshot"
MAX_HELD: Final = 1_000
MAX_CALLS: Final = 5_000


def prompt_of(line: Mapping[str, Any]) -> str:
    """Return the text of a line if it is a person's prompt."""
    if line.get("type") != "user" or line.get("provenance", PERSON) != PERSON:
        return ""
    return "\n".join(long_text(part, "text") for part in members(member(line, "message"), "parts"))


def named_prompt(line: Mapping[str, Any], session_id: str) -> str:
    """Return the prompt that a line of the client's telemetry, or a snapshot, names; empty where it is none of a person's."""
    payload = member(line, "systemPayload")
    if line.get("subtype") == SNAPSHOT:
        found = next((text(one, "promptId") for one in reversed(members(payload, "snapshots"))), "")
    else:
        found = text(member(payload, "uiEvent"), "prompt_id") if line.get("subtype") == TELEMETRY else ""
    return found if found.startswith(f"{session_id}########") else ""


def tokens_of(line: Mapping[str, Any], session_id: str) -> Iterator[TokenUse]:
    """Yield the tokens of a request that a line tells of. The answer's count holds what was thought."""
    told, time_ns = member(member(line, "systemPayload"), "uiEvent"), time_of(line)
    if time_ns is None or not text(told, "event.name").endswith(".api_response") or not text(told, "model"):
        return
    given, cached = count(told, "input_token_count"), count(told, "cached_content_token_count")
    answered = max(count(told, "output_token_count"), count(told, "total_token_count") - given)
    asked_by = text(told, "prompt_id")
    prompt_id = asked_by if asked_by.startswith(f"{session_id}########") else ""
    agent_id = "" if prompt_id else agent_of(asked_by, session_id)
    request_id = text(told, "response_id") or str(line.get("uuid") or "")
    yield TokenUse(
        time_ns,
        request_id,
        text(told, "model"),
        max(0, given - cached),
        answered,
        min(cached, given),
        prompt_id=prompt_id,
        agent_id=agent_id,
        duration_ms=count(told, "duration_ms"),
    )


def agent_of(asked_by: str, session_id: str) -> str:
    """Return the subagent that a request is of: `<session>#<agent>#<n>` names it."""
    own = f"{session_id}#"
    return asked_by.removeprefix(own).rpartition("#")[0] if asked_by.startswith(own) else ""


class QwenLines:
    """Reads one session file for history."""

    def __init__(self, session_id: str, transcript: Transcript) -> None:
        self._session_id = session_id
        self._agent_id = transcript.agent_id
        self._agent_type = transcript.agent_type
        self._prompt_id = ""
        self._waiting: list[ToldLine | TokenUse] = []  # until the prompt's id is known
        self._ending: ToldLine | None = None
        self._has_begun = False
        self._calls: dict[str, Payload] = {}
        self._cwd = self._branch = ""

    @property
    def is_holding(self) -> bool:
        """Whether a prompt waits for its id, or an end of turn for the next line."""
        return self._ending is not None or bool(self._waiting)

    @property
    def cwd(self) -> str:
        """The folder in which the conversation now is."""
        return self._cwd

    @property
    def branch(self) -> str:
        """The branch there."""
        return self._branch

    @property
    def parents(self) -> Mapping[str, ParentCall]:
        """A subagent's own id says it."""
        return {}

    def read(self, line: Mapping[str, Any]) -> Iterator[ToldLine | TokenUse]:
        """Yield what one line tells."""
        time_ns = time_of(line)
        if time_ns is None:
            return
        self._cwd, self._branch = str(line.get("cwd") or self._cwd), str(line.get("gitBranch") or self._branch)
        for told in self._of(line, time_ns):
            if self._waiting or (isinstance(told, ToldLine) and told.payload.get("prompt") and not self._prompt_id):
                self._waiting.append(told)
            else:
                yield told
        if len(self._waiting) > MAX_HELD:
            yield from self._release()

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Yield what was held back."""
        yield from self._release()
        yield from self._end()

    def _of(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine | TokenUse]:
        kind = line.get("type")
        if self._agent_id and not self._has_begun:
            self._has_begun = True
            yield ToldLine(time_ns, self._payload("SubagentStart"))
        if kind == "user" and not self._agent_id:
            yield from self._prompt(line, time_ns)
        elif kind == "assistant":
            yield from self._answer(line, time_ns)
        elif kind == "tool_result":
            self._ending = None
            yield from self._result(line, time_ns)
        elif kind == "system":
            yield from self._system(line, time_ns)

    def _payload(self, event: str, **more: Any) -> Payload:
        payload: Payload = {"hook_event_name": event, "session_id": self._session_id, "cwd": self._cwd, "git_branch": self._branch}
        if self._agent_id:
            payload |= {"agent_id": self._agent_id, "agent_type": self._agent_type}
        return payload | {"prompt_id": self._prompt_id} | more

    def _prompt(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine | TokenUse]:
        found = prompt_of(line)
        if not found:
            return
        yield from self._release()
        yield from self._end()
        self._prompt_id = ""
        yield ToldLine(time_ns, self._payload("UserPromptSubmit", prompt=found, uuid=str(line.get("uuid") or "")))

    def _answer(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine]:
        model, calls = str(line.get("model") or ""), calls_in(member(line, "message"))
        self._ending = None
        for asked in calls:
            call_id = text(asked, "id")
            call: Payload = {"tool_name": text(asked, "name") or "unknown", "tool_input": asked.get("args"), "tool_call_id": call_id}
            self._calls[call_id] = call
            if len(self._calls) > MAX_CALLS:
                del self._calls[next(iter(self._calls))]
            yield ToldLine(time_ns, self._payload("PreToolUse", model=model, **call))
        if not calls:
            self._ending = ToldLine(time_ns, self._payload("SubagentStop" if self._agent_id else "Stop", model=model))

    def _result(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine]:
        result = member(line, "toolCallResult")
        call_id, status = text(result, "callId"), text(result, "status")
        call = self._calls.pop(call_id, {"tool_call_id": call_id})
        parts = member(line, "message").get("parts")
        told = response_text(parts)
        if text(result, "errorType") == REFUSED or (text(result, "executionStatus") == NOT_STARTED and is_denied(told)):
            yield ToldLine(time_ns, self._payload("PermissionDenied", reason=told, **call))
        elif status == "cancelled":
            yield ToldLine(time_ns, self._payload("PostToolUseFailure", error=told, is_interrupt=True, **call))
        elif status == "error" or has_error_response(parts):
            yield ToldLine(time_ns, self._payload("PostToolUseFailure", error=told, **call))
        else:
            response = {"llmContent": told, "returnDisplay": result.get("resultDisplay")}
            yield ToldLine(time_ns, self._payload("PostToolUse", tool_response=response, **call))
        if status == "cancelled" and not self._agent_id:
            self._ending = ToldLine(time_ns, self._payload("TurnInterrupted"))

    def _system(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine | TokenUse]:
        if (found := named_prompt(line, self._session_id)) and not self._prompt_id:
            self._prompt_id = found
            yield from self._release()
        yield from tokens_of(line, self._session_id)
        told = member(member(line, "systemPayload"), "uiEvent")
        name = text(told, "event.name")
        if name.endswith(".api_error") and not self._agent_id:
            self._ending = ToldLine(time_ns, self._payload("StopFailure", error=text(told, "error_type") or "api_error"))
        elif name.endswith(".api_response"):
            self._ending = None if self._is_failing() else self._ending

    def _is_failing(self) -> bool:
        return self._ending is not None and self._ending.payload["hook_event_name"] == "StopFailure"

    def _release(self) -> Iterator[ToldLine | TokenUse]:
        """Yield what waited for the prompt's id; a prompt without one is named by its line."""
        waiting, self._waiting = self._waiting, []
        first = waiting[0] if waiting else None
        if not self._prompt_id and isinstance(first, ToldLine):
            self._prompt_id = f"{self._session_id}########{first.payload.get('uuid', '')}"
        for told in waiting:
            yield ToldLine(told.time_ns, told.payload | {"prompt_id": self._prompt_id}) if isinstance(told, ToldLine) else told
        if self._ending and not self._ending.payload["prompt_id"]:
            self._ending = ToldLine(self._ending.time_ns, self._ending.payload | {"prompt_id": self._prompt_id})

    def _end(self) -> Iterator[ToldLine]:
        if self._ending:
            yield self._ending
            self._ending = None
