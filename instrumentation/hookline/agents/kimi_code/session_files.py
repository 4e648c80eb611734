"""Where Kimi Code keeps a session, and what its files say of the moment of a hook.

    ~/.kimi-code/sessions/<folder>/<session>/agents/main/wire.jsonl       the conversation
                                              agents/agent-N/wire.jsonl   a subagent's

A hook names neither file nor, for the most part, whose it is. The session's file is found by the session's id. That a turn's end is the
conversation's own and not a subagent's, which runs in the same session, is seen in the conversation's file: its last step ended, and not for a
tool. The client writes the file a moment later than it runs hooks, so where that is not to be read yet, it is its own if no subagent's call is
open: such a call is written when it begins, and has its result only once the subagent's own hook is through.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from hookline.agents.kimi_code.identity import MAIN
from hookline.agents.kimi_code.tools import AGENT_TOOLS
from hookline.agents.payload import Json, integer, member, text
from hookline.system.json_lines import parse_line

WIRE: Final = "wire.jsonl"
MAX_TAIL_BYTES: Final = 1024 * 1024
NS_PER_MS: Final = 1_000_000
SLACK_NS: Final = 20 * NS_PER_MS  # a line may be written a moment after the hook that it goes with
_STATES: Final = (b'"step.begin"', b'"step.end"', b'"turn.prompt"', b'"turn.cancel"', b'"turn.ended"', b'"tool.call"', b'"tool.result"')


def sessions_root(env: Mapping[str, str]) -> Path:
    """Return the folder of all sessions."""
    base = env.get("KIMI_CODE_HOME") or os.path.join(env.get("HOME") or os.path.expanduser("~"), ".kimi-code")  # noqa: PTH111,PTH118 - HOME may be unset
    return Path(base) / "sessions"


def main_wire(root: Path, session_id: str) -> Path | None:
    """Return the conversation's file of a session."""
    if not session_id or "/" in session_id or session_id.startswith("."):
        return None
    return _found(root, session_id) or next(iter(root.glob(f"*/{session_id}/agents/{MAIN}/{WIRE}")), None)


@functools.lru_cache(maxsize=256)
def _found(root: Path, session_id: str) -> Path | None:
    path = next(iter(root.glob(f"*/{session_id}/agents/{MAIN}/{WIRE}")), None)
    if path is None:
        _found.cache_clear()  # it may be written in a moment
    return path


def subagent_wires(main: Path) -> list[tuple[Path, str]]:
    """Return the files of a session's subagents, with their ids."""
    found = sorted(main.parent.parent.glob(f"agent-*/{WIRE}"))
    return [(path, path.parent.name) for path in found]


def time_of(line: Json) -> int | None:
    """Return a line's time in Unix ns; None when it has none."""
    milliseconds = integer(line, "time")
    return None if milliseconds is None else milliseconds * NS_PER_MS


@dataclass(frozen=True, slots=True)
class WireState:
    """How far a conversation was: how its last step ended (empty: it goes on), its turn's number, and whether that was cancelled or failed.

    `subagents` are the calls that run one now; `in_background` says that one was started that nobody waits for.
    """

    step_end: str = ""
    turn: int | None = None
    ended: str = ""
    subagents: frozenset[str] = frozenset()
    in_background: bool = False

    @property
    def has_answered(self) -> bool:
        """Whether the model has said its last word in this turn, as far as that can be read."""
        return self.step_end not in ("", "tool_use") or not (self.subagents or self.in_background)


def state_at(path: Path, time_ns: int, slack_ns: int = SLACK_NS) -> WireState | None:
    """Return how far a conversation was at a time; None where its file does not say."""
    state: WireState | None = None
    for line in _tail(path):
        at = time_of(line)
        if at is not None and at <= time_ns + slack_ns:
            state = _after(state or WireState(), line)
    return state


def _after(state: WireState, line: Json) -> WireState:
    kind, number = text(line, "type"), integer(line, "turnId")
    if kind == "turn.prompt":
        return replace(state, step_end="", turn=number, ended="", subagents=frozenset())
    if kind == "turn.cancel":
        return replace(state, turn=number, ended="cancelled")
    if kind == "turn.ended":
        return replace(state, turn=number, ended=text(line, "reason"))
    event = member(line, "event")
    return _AFTER_STEP.get(text(event, "type"), _unchanged)(state, event)


def _unchanged(state: WireState, event: Json) -> WireState:
    return state


def _step_began(state: WireState, event: Json) -> WireState:
    return replace(state, step_end="", ended="")


def _step_ended(state: WireState, event: Json) -> WireState:
    reason = text(event, "finishReason")
    return replace(state, step_end=reason, ended="failed" if reason == "error" else state.ended)


def _call_began(state: WireState, event: Json) -> WireState:
    if text(event, "name") not in AGENT_TOOLS:
        return state
    if member(event, "args").get("run_in_background") is True:
        return replace(state, in_background=True)
    return replace(state, subagents=state.subagents | {text(event, "toolCallId")})


def _call_ended(state: WireState, event: Json) -> WireState:
    return replace(state, subagents=state.subagents - {text(event, "toolCallId")})


_AFTER_STEP: Final = {"step.begin": _step_began, "step.end": _step_ended, "tool.call": _call_began, "tool.result": _call_ended}


def _tail(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the lines about steps and turns at the end of a file, in their order."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MAX_TAIL_BYTES))
            lines = file.read(MAX_TAIL_BYTES).split(b"\n")
    except OSError:
        return
    for line in lines if size <= MAX_TAIL_BYTES else lines[1:]:
        if any(kind in line for kind in _STATES):
            yield parse_line(line)
