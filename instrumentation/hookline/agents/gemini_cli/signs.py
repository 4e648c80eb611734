"""What a live session file of Gemini CLI shows and no hook tells.

    a person stopped the turn        an info message `Request cancelled.`             TurnInterrupted
    a call was refused, or stopped   a call that is `cancelled`, or an error of that   ToolDenied, ToolInterrupted
    an error ended the turn          an error message                                  TurnFailed
    a compression is over            an info message without a text                    Compressed

The file names calls by ids that no hook knows: they are found by their tool and input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.agents.conversations import Payload, time_of
from hookline.agents.equipment import TranscriptSign
from hookline.agents.gemini_cli.transcripts import CANCELLED, COMPRESSED, calls_of
from hookline.agents.gemini_family import text_of

NOTICES: Final = {CANCELLED: "TurnInterrupted", COMPRESSED: "Compressed"}


class GeminiSigns:
    """Reads one file of a live session; a subagent's shows nothing."""

    def __init__(self, session_id: str, path: str, agent_id: str = "") -> None:
        self._session_id = session_id
        self._path = path
        self._agent_id = agent_id

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield what one parsed line shows."""
        if self._agent_id:
            return
        time_ns, message_id = time_of(line), str(line.get("id") or "")[:64]
        if time_ns is None or not message_id:
            return
        if line.get("type") == "gemini":
            yield from self._calls(line, time_ns)
        elif line.get("type") == "info" and (named := NOTICES.get(text_of(line.get("content")))):
            yield TranscriptSign(time_ns, message_id, self._payload(named))
        elif line.get("type") == "error":
            yield TranscriptSign(time_ns, message_id, self._payload("TurnFailed", error=text_of(line.get("content"))))

    def _calls(self, line: Mapping[str, Any], time_ns: int) -> Iterator[TranscriptSign]:
        for call in calls_of(line, time_ns):
            event, more = call.end()
            if event != "AfterTool":
                yield TranscriptSign(call.over_ns, f"call-{call.id[:120]}", self._payload(event, **call.call, **more))

    def _payload(self, event: str, **more: Any) -> Payload:
        return {"hook_event_name": event, "session_id": self._session_id, "transcript_path": self._path, **more}
