"""What a live session's rollout shows and no hook tells.

the API failed the turn                 task_complete with an error                    TurnFailed
a person stopped it, and no hook said   turn_aborted                                   Interrupt
a call was refused                      what the model got for its call                ToolDenied
a call ended, and no hook said          item_completed: a command that outlived its    PostToolUse
                                        turn or that the model never looked after
usage limits                            token_count                                    RateLimits
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.agents.codex.rollout_reader import Payload, RolloutReader
from hookline.agents.equipment import TranscriptSign
from hookline.agents.told_line import ToldLine

KINDS: Final = (
    b'"session_meta"',
    b'"turn_context"',
    b'"task_started"',
    b'"item_completed"',
    b'"task_complete"',
    b'"turn_aborted"',
    b'"token_count"',
    b'tool_call"',
    b'function_call"',
    b'_call_output"',
)  # lines without any of them show nothing
LEFT_OUT: Final = ("effort", "git_branch", "tool_response", "prompt", "asked_ns", "model_call_id", "beside")  # told by hooks, or large


class RolloutSigns:
    """Reads one rollout of a live session; `agent_id` is the subagent's whose rollout it is."""

    def __init__(self, session_id: str, path: str, agent_id: str = "") -> None:
        self._reader = RolloutReader(session_id, path, agent_id)

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield what one parsed line shows."""
        for told in self._reader.read(line):
            if isinstance(told, ToldLine) and (unless := _unless(told.payload)) is not None:
                kept = {key: value for key, value in told.payload.items() if key not in LEFT_OUT}
                yield TranscriptSign(told.time_ns, _name(told.time_ns, told.payload), kept, unless)


def _unless(payload: Payload) -> str | None:
    """Return what makes a payload no news; None where hooks tell it in any case."""
    name = payload["hook_event_name"]
    if name in ("TurnFailed", "ToolDenied", "RateLimits"):
        return ""
    if name == "Interrupt":
        return f"end:{payload['turn_id']}"
    return f"done:{payload['tool_use_id']}" if name == "PostToolUse" else None


def _name(time_ns: int, payload: Payload) -> str:
    """Return a name that is the same whenever the line is read."""
    about = "\0".join(str(payload.get(key, "")) for key in ("session_id", "turn_id", "tool_use_id", "agent_id", "model_call_id"))
    return f"{payload['hook_event_name']}-{hashlib.sha256(about.encode()).hexdigest()[:16]}-{time_ns}"
