"""Gemini CLI's session files: lines as the payloads that its hooks would have sent.

    chats/session-<time>-<id8>.jsonl      the main conversation
    chats/<session>/<agent id>.jsonl      a subagent's

A line is a header, a message, or `{"$set": …}`, which writes what was there anew (at a start, a resumption, a compression) and tells nothing that
happened. A message of the model's is written again, with the same id, once its calls are over: it has their ids, inputs and results then, and
for each the moment at which the last of them was over. So

- a prompt is a user's message with a text, but for the client's own: its first one (`<session_context>`), and what it says to a model that gave no
  answer, or has more to say. Its id is the message's;
- a call runs from its message to that moment: waiting cannot be told from running, and parallel calls end together; one that was stopped stands in a
  message of its own, and was asked for by the one before;
- a call that was running when the client was killed is not written at all;
- a turn ends with the last message that has a text and no calls, held back until another prompt or the end; `Request cancelled.` says that a
  person stopped it.

`MessageReader` tells it in order and holds what is under way; `signs` and `history` are made of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookline.agents.conversations import ParentCall, Payload, time_of
from hookline.agents.equipment import Transcript
from hookline.agents.gemini_cli.identity import NUDGE
from hookline.agents.gemini_cli.tools import AGENT_TOOL
from hookline.agents.gemini_family import has_error_response, is_denied, response_text, text_of
from hookline.agents.told_line import ToldLine
from hookline.agents.usage_record import TokenUse, count

CONTEXT: Final = "<session_context>"
OWN_WORDS: Final = (CONTEXT, NUDGE)  # how a user's message begins that the client wrote itself
GO_ON: Final = "Please continue."  # what it says when it finds that the model has more to say
CANCELLED: Final = "Request cancelled."
COMPRESSED: Final = ""  # the text of the notice that stands where a compression was
LAST_TOOL: Final = "complete_task"  # a subagent's way to give its answer
MAX_CALLS: Final = 5_000


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call as a message has it: its own id, when it was asked for and when it was over, and how."""

    id: str
    name: str
    given: Any
    result: Any
    status: str
    asked_ns: int
    over_ns: int
    agent_id: str = ""
    agent_name: str = ""

    @property
    def told(self) -> str:
        """What the model was told."""
        return response_text(self.result)

    @property
    def call(self) -> Payload:
        """What every payload about it says."""
        return {"tool_name": self.name, "tool_input": self.given}

    def end(self) -> tuple[str, Payload]:
        """Return the name and the content of the payload of its end."""
        if self.status == "cancelled" or has_error_response(self.result):
            if is_denied(self.told):
                return "ToolDenied", {"reason": self.told}
            if self.status == "cancelled":
                return "ToolInterrupted", {}
        response: Payload = {"llmContent": self.told}
        if self.status == "error":
            response["error"] = {"message": self.told}
        started = {"started_agent_id": self.agent_id} if self.agent_id else {}
        return "AfterTool", {"tool_response": response, **started}


def calls_of(message: Mapping[str, Any], asked_ns: int) -> Iterator[RecordedCall]:
    """Yield the calls of a message that are over."""
    found = message.get("toolCalls")
    for call in found if isinstance(found, list) else ():
        over_ns = time_of(call) if isinstance(call, dict) else None
        if over_ns is None or not call.get("id"):
            continue
        shown = call.get("resultDisplay")
        agent_name = shown.get("agentName") if isinstance(shown, dict) else ""
        agent_id = str(call.get("agentId") or "") if call.get("name") == AGENT_TOOL else ""
        yield RecordedCall(
            str(call["id"]),
            str(call.get("name") or "unknown"),
            call.get("args"),
            call.get("result"),
            str(call.get("status") or ""),
            min(asked_ns, over_ns),
            over_ns,
            agent_id,
            str(agent_name or ""),
        )


def prompt_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message if it is a person's prompt."""
    if message.get("type") != "user":
        return ""
    text = text_of(message.get("content"))
    return "" if text.startswith(OWN_WORDS) or text == GO_ON else text


def tokens_of(message: Mapping[str, Any], time_ns: int, agent_id: str = "") -> TokenUse | None:
    """Return the tokens of a model's message. What was thought counts as output, what tools gave as input."""
    tokens = message.get("tokens")
    if message.get("type") != "gemini" or not isinstance(tokens, dict) or not message.get("id") or not message.get("model"):
        return None
    given, cached = count(tokens, "input") + count(tokens, "tool"), count(tokens, "cached")
    return TokenUse(
        time_ns,
        str(message["id"]),
        str(message["model"]),
        input=max(0, given - cached),
        output=count(tokens, "output") + count(tokens, "thoughts"),
        cache_read=min(cached, given),
        agent_id=agent_id,
    )


class GeminiTokens:
    """Gives each message's tokens once, and again only where they have grown."""

    def __init__(self, agent_id: str = "") -> None:
        self._agent_id = agent_id
        self._last = ("", 0)

    def read(self, line: Mapping[str, Any]) -> Iterator[TokenUse]:
        """Yield the tokens of a line, unless they were given."""
        time_ns = time_of(line)
        use = tokens_of(line, time_ns, self._agent_id) if time_ns is not None else None
        if use and use.total and (use.request_id, use.total) != self._last:
            self._last = (use.request_id, use.total)
            yield use


class GeminiLines:
    """Reads one session file for history."""

    def __init__(self, session_id: str, transcript: Transcript, cwd: str) -> None:
        self._session_id = session_id
        self._agent_id = transcript.agent_id
        self._tokens = GeminiTokens(transcript.agent_id)
        self._ending: ToldLine | None = None
        self._ending_id = ""
        self._prompt_id = ""
        self._has_begun = False
        self._asking_ns = 0  # of the last message whose calls are not known yet
        self._told: dict[str, None] = {}
        self._parents: dict[str, ParentCall] = {}
        self._cwd = cwd

    @property
    def is_holding(self) -> bool:
        """Whether an end of turn waits for the next message."""
        return self._ending is not None

    @property
    def cwd(self) -> str:
        """The project's folder."""
        return self._cwd

    @property
    def branch(self) -> str:
        """Not said."""
        return ""

    @property
    def parents(self) -> Mapping[str, ParentCall]:
        """The calls that started subagents."""
        return self._parents

    def read(self, line: Mapping[str, Any]) -> Iterator[ToldLine | TokenUse]:
        """Yield what one line tells."""
        time_ns = time_of(line, "startTime" if "kind" in line else "timestamp")
        if time_ns is None or "$set" in line:
            return
        if self._agent_id and not self._has_begun:
            self._has_begun = True
            yield ToldLine(time_ns, self._payload("SubagentStart"))
        kind = line.get("type")
        if kind == "user":
            yield from self._user(line, time_ns)
        elif kind == "gemini":
            yield from self._model(line, time_ns)
        elif kind in ("info", "error", "warning"):
            yield from self._notice(line, time_ns)

    def finish(self) -> Iterator[ToldLine | TokenUse]:
        """Yield the end that was held back."""
        if self._ending:
            yield self._ending
            self._ending = None

    def _payload(self, event: str, **more: Any) -> Payload:
        payload: Payload = {"hook_event_name": event, "session_id": self._session_id, "cwd": self._cwd}
        payload |= {"agent_id": self._agent_id} if self._agent_id else {"prompt_id": self._prompt_id}
        return payload | more

    def _user(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine | TokenUse]:
        text = prompt_of(line)
        if not text:
            if not text_of(line.get("content")).startswith(CONTEXT):
                self._ending = None  # the turn goes on
            return
        yield from self.finish()
        if self._agent_id:
            return
        self._prompt_id = str(line.get("id") or "")
        yield ToldLine(time_ns, self._payload("BeforeAgent", prompt=text))

    def _model(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine | TokenUse]:
        yield from self._tokens.read(line)
        message_id, model = str(line.get("id") or ""), str(line.get("model") or "")
        if not model:  # written anew after a compression
            return
        if message_id != self._ending_id or line.get("toolCalls"):
            self._ending = None
        is_alone = bool(line.get("toolCalls")) and not line.get("tokens")
        for call in calls_of(line, (self._asking_ns or time_ns) if is_alone else time_ns):
            yield from self._call(call, model)
        self._asking_ns = 0 if line.get("toolCalls") else time_ns
        if text_of(line.get("content")).strip() and not line.get("toolCalls"):
            self._ending_id = message_id
            event = "SubagentStop" if self._agent_id else "AfterAgent"
            self._ending = ToldLine(time_ns, self._payload(event, model=model))

    def _call(self, call: RecordedCall, model: str) -> Iterator[ToldLine]:
        if call.id in self._told:
            return
        self._told[call.id] = None
        if len(self._told) > MAX_CALLS:
            del self._told[next(iter(self._told))]
        if call.agent_id:
            self._parents[call.agent_id] = ParentCall(call.id, call.agent_name)
        named = {"tool_call_id": call.id, **call.call}
        event, more = call.end()
        yield ToldLine(call.asked_ns, self._payload("BeforeTool", model=model, **named))
        yield ToldLine(call.over_ns, self._payload(event, model=model, **named, **more))
        if self._agent_id and call.name == LAST_TOOL:
            yield ToldLine(call.over_ns + 1, self._payload("SubagentStop", model=model))

    def _notice(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine | TokenUse]:
        text = text_of(line.get("content"))
        if text == CANCELLED and not self._agent_id:
            self._ending = None
            yield ToldLine(time_ns, self._payload("TurnInterrupted"))
        elif line.get("type") == "error" and not self._agent_id:
            self._ending = None
            yield ToldLine(time_ns, self._payload("TurnFailed", error=text))
