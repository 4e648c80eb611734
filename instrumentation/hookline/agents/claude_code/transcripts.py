"""Claude Code's transcript lines as the payloads that its hooks would have sent.

The format is internal to the client and changes between versions (reference: what is written here was read from 2.1.329 and,
through other tools' readers, from older ones). So the reader takes what it knows and passes over the rest. From a transcript

- a prompt is a user line whose content is no tool result, is not meta and not a command's output; without a `promptId`
  (older clients) the line's own uuid is its id;
- a turn ends with the last line of the assistant's message that stopped for another reason than a tool, or when the client
  wrote that the user interrupted it: then it was stopped, and not its own end;
- a call runs from its `tool_use` to its `tool_result`: waiting for a permission cannot be told from running;
- a call that was denied before it ran or stopped while it ran carries `toolDenialKind` (older clients: `permissionDecision`);
- which prompt a line belongs to is that of the line that it answers (`prompts.py`).

`TranscriptReader` is fed line by line and gives `(time_ns, payload)` pairs; it holds one pending end of turn and the calls under way.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from hookline.agents.claude_code.prompts import PromptTree
from hookline.agents.equipment import Transcript
from hookline.agents.told_line import ToldLine
from hookline.system.clock import parse_iso

Payload = dict[str, Any]
INTERRUPTED = "[Request interrupted by user"
TASK_NOTIFICATION = "<task-notification>"  # the client prompts itself
NOT_PROMPTS = ("<local-command-", "<command-", "<bash-", "Caveat: ", "<system-reminder>")
STOPPED_KINDS = frozenset({"interrupted", "cancelled"})


def time_of(line: Mapping[str, Any]) -> int | None:
    """Return a line's time in Unix ns; None when it has none."""
    found = line.get("timestamp")
    return _unix_ns(found) if isinstance(found, str) else None


_unix_ns = functools.lru_cache(maxsize=64)(parse_iso)  # the lines around a moment name it several times, and several ask for it


class TranscriptReader:
    """Turns the lines of one transcript into payloads, in the order of the file."""

    def __init__(self, session_id: str, transcript: Transcript) -> None:
        self._session_id = session_id
        self._transcript = transcript
        self._prompt_id = ""  # of the line under way
        self._tree = PromptTree()
        self.prompts: list[str] = []  # the uuids of the prompts' lines
        self._ending: tuple[str, ToldLine] | None = None
        self._has_begun = False
        self._calls: dict[str, Payload] = {}

    @property
    def is_holding(self) -> bool:
        """Whether an end of turn waits for the next line."""
        return self._ending is not None

    def read(self, line: Mapping[str, Any]) -> Iterator[ToldLine]:
        """Yield what one parsed line tells."""
        time_ns = time_of(line)
        self._prompt_id = self._tree.enter(line)
        if time_ns is None or line.get("type") not in ("user", "assistant", "system"):
            return
        found = line.get("message")
        message: Mapping[str, Any] = found if isinstance(found, dict) else {}
        if self._ending and self._ending[0] != message.get("id"):
            yield from self.finish()
        if self._transcript.agent_id and not self._has_begun:
            yield ToldLine(time_ns, self._payload(line, "SubagentStart"))
        self._has_begun = True
        if line["type"] == "user":
            yield from self._user(line, message, time_ns)
        elif line["type"] == "assistant":
            yield from self._assistant(line, message, time_ns)
        else:
            yield from self._system(line, time_ns)

    def finish(self, before_ns: int | None = None) -> Iterator[ToldLine]:
        """Yield the end of turn that was held back, if it lies before a time: no more lines of its message come."""
        if self._ending and (before_ns is None or self._ending[1].time_ns < before_ns):
            yield self._ending[1]
            self._ending = None

    def _payload(self, line: Mapping[str, Any], event: str, **more: Any) -> Payload:
        payload: Payload = {
            "hook_event_name": event,
            "session_id": self._session_id,
            "cwd": line.get("cwd") or "",
            "prompt_id": self._prompt_id or str(line.get("promptId") or ""),
            "entrypoint": line.get("entrypoint") or "",
        }
        if agent_id := line.get("agentId") or self._transcript.agent_id:
            payload |= {"agent_id": agent_id, "agent_type": self._transcript.agent_type or line.get("attributionAgent") or ""}
        if mode := line.get("permissionMode"):
            payload["permission_mode"] = mode
        if branch := line.get("gitBranch"):
            payload["git_branch"] = branch
        if effort := line.get("effort"):
            payload["effort"] = {"level": effort}
        return payload | more

    def _user(self, line: Mapping[str, Any], message: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine]:
        results = [block for block in blocks_of(message) if block.get("type") == "tool_result"]
        for result in results:
            yield ToldLine(time_ns, self._result(line, result))
        if results or line.get("isMeta") or line.get("isCompactSummary") or line.get("isVisibleInTranscriptOnly"):
            return
        text = text_of(message)
        if text.startswith(INTERRUPTED):
            if not self._transcript.agent_id:
                yield ToldLine(time_ns, self._payload(line, "TurnInterrupted"))
            return
        if self._transcript.agent_id or not text or text.startswith(NOT_PROMPTS):
            if line.get("promptId"):
                self._prompt_id = self._tree.begin(line)
            return
        self._prompt_id = self._tree.begin(line)
        self.prompts.append(str(line.get("uuid") or ""))
        yield ToldLine(time_ns, self._payload(line, "UserPromptSubmit", prompt=text, prompt_source=str(line.get("promptSource") or "")))

    def _result(self, line: Mapping[str, Any], result: Mapping[str, Any]) -> Payload:
        call_id = str(result.get("tool_use_id") or "")
        call = self._calls.pop(call_id, {"tool_use_id": call_id})
        if is_stopped(line):
            return self._payload(line, "ToolInterrupted", **call)
        if line.get("toolDenialKind") or _is_rejected(line):
            return self._payload(line, "PermissionDenied", **call)
        response = line.get("toolUseResult")
        if result.get("is_error"):
            return self._payload(line, "PostToolUseFailure", error=text_of({"content": result.get("content")}), **call)
        duration = response.get("totalDurationMs") or response.get("durationMs") if isinstance(response, dict) else None
        payload = self._payload(line, "PostToolUse", tool_response=response if response is not None else result.get("content"), **call)
        return payload | ({"duration_ms": duration} if isinstance(duration, int) else {})

    def _assistant(self, line: Mapping[str, Any], message: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine]:
        if line.get("isApiErrorMessage"):
            if not self._transcript.agent_id:
                yield ToldLine(time_ns, self._payload(line, "StopFailure", error=str(line.get("error") or "unknown")))
            return
        for block in blocks_of(message):
            if block.get("type") == "tool_use":
                call = {"tool_name": block.get("name"), "tool_input": block.get("input"), "tool_use_id": block.get("id")}
                self._calls[str(block.get("id"))] = call
                yield ToldLine(time_ns, self._payload(line, "PreToolUse", model=message.get("model"), **call))
        stop = message.get("stop_reason")
        if stop and stop not in ("tool_use", "pause_turn"):
            event = "SubagentStop" if self._transcript.agent_id else "Stop"
            self._ending = (str(message.get("id")), ToldLine(time_ns, self._payload(line, event, model=message.get("model"))))

    def _system(self, line: Mapping[str, Any], time_ns: int) -> Iterator[ToldLine]:
        if line.get("subtype") != "compact_boundary":
            return
        meta = line.get("compactMetadata")
        meta = meta if isinstance(meta, dict) else {}
        trigger, duration = str(meta.get("trigger") or ""), meta.get("durationMs")
        if isinstance(duration, int | float) and duration > 0:
            yield ToldLine(time_ns - int(duration * 1e6), self._payload(line, "PreCompact", trigger=trigger))
            yield ToldLine(time_ns, self._payload(line, "PostCompact", trigger=trigger))


def is_prompt(line: Mapping[str, Any]) -> bool:
    """Whether a line of a main transcript is a prompt: a person's, or the client's own to itself."""
    found = line.get("message")
    if line.get("type") != "user" or not isinstance(found, dict):
        return False
    if line.get("isMeta") or line.get("isCompactSummary") or line.get("isVisibleInTranscriptOnly"):
        return False
    text = text_of(found)
    return bool(text) and not text.startswith((INTERRUPTED, *NOT_PROMPTS)) and not any(b.get("type") == "tool_result" for b in blocks_of(found))


def is_stopped(line: Mapping[str, Any]) -> bool:
    """Whether a result's line says that its call was stopped while it ran; one that a person refused before that did not run."""
    kind = line.get("toolDenialKind")
    return kind in STOPPED_KINDS or (kind == "user-rejected" and line.get("toolDenialBeforeRun") is not True and not _is_rejected(line))


def _is_rejected(line: Mapping[str, Any]) -> bool:
    decision = line.get("permissionDecision")
    return isinstance(decision, dict) and decision.get("decision") == "reject"


def blocks_of(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the blocks of a message's content."""
    content = message.get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def text_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message or of a result: its content, or that of its text blocks."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(str(block.get("text") or "") for block in blocks_of(message) if block.get("type") == "text")
