"""What a live session's transcript shows and no hook tells, as payloads of the hooks' kind.

    a person stopped the turn             a user line `[Request interrupted by user...]`         TurnInterrupted
    a person said No, or a rule did       a tool result with `toolDenialKind`, before its run    PermissionDenied
    a person stopped a call               the same of a call that ran                            ToolInterrupted
    a prompt that was typed ahead         a user line with `promptSource: queued`                UserPromptSubmit
    the same, and the turn took it in     `queue-operation` `remove`, `absorbed_mid_turn`        UserPromptSubmit
    a command in the background ended     `queue-operation` with a task's notification           BackgroundEnded
    a call whose input was refused        a `tool_use` and its result, and no hook of either     PreToolUse, PostToolUseFailure
    an API error that ended the turn      an assistant line `isApiErrorMessage`                  StopFailure

`SeenReader` is fed the lines of one transcript in their order and yields what each shows, with the line's own time and a name made of the line's
uuid: told twice it is one event. Which prompt a line belongs to is that of the line that it answers (`parentUuid`): an interrupt line has the
`promptId` of whatever waited behind it, and may stand behind its line too. `unless` says what makes a thing no news: hooks that told it, if
only a little later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.agents.claude_code.prompts import PromptTree
from hookline.agents.claude_code.transcripts import INTERRUPTED, NOT_PROMPTS, TASK_NOTIFICATION, blocks_of, is_stopped, text_of, time_of
from hookline.agents.equipment import TranscriptSign

Payload = dict[str, Any]

MAX_CALLS: Final = 500
ABSORBED: Final = "absorbed_mid_turn"  # why a prompt that was typed ahead leaves the queue without a turn of its own
KINDS: Final = (b'"type":"user"', b'"type":"assistant"', b'"type":"queue-operation"', b'"parentUuid":"')  # lines without any of them show nothing


class SeenReader:
    """Reads one transcript of a live session; `agent_id` is the subagent's whose transcript it is."""

    def __init__(self, session_id: str, transcript_path: str, agent_id: str = "") -> None:
        self._session_id = session_id
        self._path = transcript_path
        self._agent_id = agent_id
        self._prompt_id = ""  # of the line under way
        self._tree = PromptTree()
        self._calls: dict[str, tuple[int, str, Payload]] = {}

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield what one parsed line shows."""
        time_ns = time_of(line)
        if time_ns is None:
            return
        found = line.get("message")
        message: Mapping[str, Any] = found if isinstance(found, dict) else {}
        uuid = str(line.get("uuid") or "")[:64]
        self._prompt_id = self._tree.enter(line)
        if line.get("type") == "user" and uuid:
            yield from self._user(line, message, time_ns, uuid)
        elif line.get("type") == "assistant" and uuid:
            yield from self._assistant(line, message, time_ns, uuid)
        elif line.get("type") == "queue-operation":
            yield from self._queue(line, time_ns)

    def _payload(self, line: Mapping[str, Any], event: str, **more: Any) -> Payload:
        payload: Payload = {
            "hook_event_name": event,
            "session_id": self._session_id,
            "transcript_path": self._path,
            "cwd": line.get("cwd") or "",
            "prompt_id": self._prompt_id or str(line.get("promptId") or ""),
            "entrypoint": line.get("entrypoint") or "",
            "permission_mode": line.get("permissionMode") or "",
        }
        if self._agent_id:
            payload |= {"agent_id": self._agent_id, "agent_type": line.get("attributionAgent") or ""}
        return payload | more

    def _user(self, line: Mapping[str, Any], message: Mapping[str, Any], time_ns: int, uuid: str) -> Iterator[TranscriptSign]:
        results = [block for block in blocks_of(message) if block.get("type") == "tool_result"]
        for n, result in enumerate(results):
            yield from self._result(line, result, time_ns, f"{uuid}-{n}")
        if results or self._agent_id or line.get("isMeta") or line.get("isCompactSummary") or line.get("isVisibleInTranscriptOnly"):
            return
        text = text_of(message)
        if text.startswith(INTERRUPTED):
            yield TranscriptSign(time_ns, uuid, self._payload(line, "TurnInterrupted"))
        elif text and not text.startswith(NOT_PROMPTS):
            yield from self._prompt(line, text, time_ns, uuid)

    def _prompt(self, line: Mapping[str, Any], text: str, time_ns: int, uuid: str) -> Iterator[TranscriptSign]:
        """A prompt begins a turn. Hooks tell of it, but of one that was typed ahead only when it was typed, under the turn that ran then."""
        self._prompt_id = self._tree.begin(line)
        if line.get("promptId") and line.get("promptSource") == "queued":
            yield TranscriptSign(time_ns, uuid, self._payload(line, "UserPromptSubmit", prompt=text, prompt_source="queued"))

    def _result(self, line: Mapping[str, Any], result: Mapping[str, Any], time_ns: int, name: str) -> Iterator[TranscriptSign]:
        call_id = str(result.get("tool_use_id") or "")
        asked_ns, asked_name, call = self._calls.pop(call_id, (0, "", {"tool_use_id": call_id}))
        if is_stopped(line):
            yield TranscriptSign(time_ns, name, self._payload(line, "ToolInterrupted", **call))
        elif line.get("toolDenialKind"):
            yield TranscriptSign(time_ns, name, self._payload(line, "PermissionDenied", **call))
        elif asked_ns:
            yield TranscriptSign(asked_ns, asked_name, self._payload(line, "PreToolUse", **call), f"call:{call_id}")
            yield TranscriptSign(time_ns, name, self._ended(line, result, call), f"call:{call_id}")

    def _ended(self, line: Mapping[str, Any], result: Mapping[str, Any], call: Payload) -> Payload:
        if result.get("is_error"):
            return self._payload(line, "PostToolUseFailure", error=text_of(result), **call)
        response = line.get("toolUseResult")
        return self._payload(line, "PostToolUse", tool_response=response if response is not None else result.get("content"), **call)

    def _assistant(self, line: Mapping[str, Any], message: Mapping[str, Any], time_ns: int, uuid: str) -> Iterator[TranscriptSign]:
        if line.get("isApiErrorMessage"):
            if not self._agent_id and self._prompt_id:
                yield TranscriptSign(
                    time_ns, uuid, self._payload(line, "StopFailure", error=str(line.get("error") or "unknown")), f"end:{self._prompt_id}"
                )
            return
        for n, block in enumerate(blocks_of(message)):
            if block.get("type") == "tool_use" and block.get("id"):
                call = {"tool_name": block.get("name"), "tool_input": block.get("input"), "tool_use_id": block["id"]}
                self._calls[str(block["id"])] = (time_ns, f"{uuid}-{n}", call)
        while len(self._calls) > MAX_CALLS:
            del self._calls[next(iter(self._calls))]

    def _queue(self, line: Mapping[str, Any], time_ns: int) -> Iterator[TranscriptSign]:
        content = line.get("content")
        if not isinstance(content, str):
            return
        is_notice = content.startswith(TASK_NOTIFICATION)
        if line.get("operation") == "enqueue" and is_notice:
            yield from self._task_ended(line, content, time_ns)
        elif line.get("operation") == "remove" and line.get("reason") == ABSORBED and not (is_notice or self._agent_id):
            name = f"absorbed-{self._session_id[:40]}-{str(line.get('commandUuid') or time_ns)[:64]}"
            yield TranscriptSign(time_ns, name, self._payload(line, "UserPromptSubmit", prompt=content, prompt_source="absorbed"))

    def _task_ended(self, line: Mapping[str, Any], content: str, time_ns: int) -> Iterator[TranscriptSign]:
        task_id, call_id = _between(content, "task-id"), _between(content, "tool-use-id")
        if task_id:
            name = f"task-{self._session_id[:40]}-{task_id}-{time_ns}"
            yield TranscriptSign(time_ns, name, self._payload(line, "BackgroundEnded", background_id=task_id, tool_use_id=call_id))


def _between(text: str, tag: str) -> str:
    """Return what stands in the first element of that name, where it is a plain id."""
    found = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return found if 0 < len(found) <= 128 and all(char.isalnum() or char in "_-.:" for char in found) else ""
