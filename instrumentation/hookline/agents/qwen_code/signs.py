"""What a live session file of Qwen Code shows and no hook tells: a request that failed, and with it the turn.

The client tries again by itself what may pass (too many requests, a server's error); of that nothing is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.agents.conversations import time_of
from hookline.agents.equipment import TranscriptSign
from hookline.agents.payload import integer, member, text

TOO_MANY: Final = 429
SERVERS_OWN: Final = 500


class QwenSigns:
    """Reads one file of a live session; a subagent's shows nothing."""

    def __init__(self, session_id: str, path: str, agent_id: str = "") -> None:
        self._session_id = session_id
        self._path = path
        self._agent_id = agent_id

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield what one parsed line shows."""
        told, time_ns = member(member(line, "systemPayload"), "uiEvent"), time_of(line)
        if self._agent_id or time_ns is None or not text(told, "event.name").endswith(".api_error"):
            return
        prompt_id, status = text(told, "prompt_id"), integer(told, "status_code")
        if status is None or status == TOO_MANY or status >= SERVERS_OWN or not prompt_id.startswith(f"{self._session_id}########"):
            return
        payload = {
            "hook_event_name": "StopFailure",
            "session_id": self._session_id,
            "transcript_path": self._path,
            "cwd": line.get("cwd") or "",
            "prompt_id": prompt_id,
            "error": text(told, "error_type") or "api_error",
            "error_details": text(told, "error_message", 2_000),
        }
        yield TranscriptSign(time_ns, f"failed-{str(line.get('uuid') or time_ns)[:64]}", payload, f"end:{prompt_id}")
