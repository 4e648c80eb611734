"""What the lines of a rollout say, read once for all who ask: history, the live view, and the events that a line completes.

A rollout is `sessions/<year>/<month>/<day>/rollout-<time>-<thread>.jsonl`, one file a thread; a subagent's is a file of its own. Each line is
`{timestamp, type, payload}`. What is read of it (0.169.0, and by shape of older ones):

    session_meta              the first line: thread, session, cwd, how it was started, the branch
    turn_context              the model of what follows
    event_msg task_started    a turn begins
    event_msg item_completed  a prompt, a command, a patch, a tool of a server, a subagent that was started: with its times
    event_msg task_complete   the turn's end; `error` where the API failed it
    event_msg turn_aborted    a person stopped it
    response_item             the model's own calls, for what has no item: starting and waiting for subagents, what was refused
    token_usage_record        tokens of one request; older clients have token_count alone
    event_msg token_count     usage limits

The format is internal to the client: what is not known is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookline.agents.codex.tools import PATCH, SHELL
from hookline.agents.payload import members, text
from hookline.system.clock import parse_iso

Line = Mapping[str, Any]
MS: Final = 1_000_000
ROLLOUT: Final = re.compile(r"rollout-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-(?P<thread>[0-9a-f-]{36})\.jsonl\Z")
REFUSED: Final = re.compile(
    r"(?i)\breject(?:ed)? (?:command|by user)|approval policy is \w+; reject|user (?:rejected|denied)|was not approved|\bdenied by user\b"
)


@dataclass(frozen=True, slots=True)
class RolloutHeader:
    """The first line of a rollout. `agent_id` is empty for the session's own thread."""

    thread_id: str
    session_id: str
    parent_id: str = ""
    origin_id: str = ""  # the thread that it was forked from
    agent_type: str = ""
    entrypoint: str = ""
    cwd: str = ""
    branch: str = ""

    @property
    def agent_id(self) -> str:
        """The subagent's id."""
        return self.thread_id if self.thread_id != self.session_id else ""


@dataclass(frozen=True, slots=True)
class RolloutItem:
    """One thing that a thread did, by an `item_completed`: its tool, times (Unix ns) and how it ended."""

    call_id: str
    turn_id: str
    tool: str
    given: Any
    output: Any
    begun_ns: int
    ended_ns: int
    status: str = ""
    exit_code: int | None = None
    duration_ms: int | None = None


def payload_of(line: Line) -> Line:
    """Return a line's payload."""
    found = line.get("payload")
    return found if isinstance(found, dict) else {}


def time_of(line: Line) -> int | None:
    """Return a line's time in Unix ns."""
    found = line.get("timestamp")
    return parse_iso(found) if isinstance(found, str) else None


def header_of(line: Line) -> RolloutHeader | None:
    """Return what the first line says; None where it is no rollout's."""
    meta = payload_of(line)
    if line.get("type") != "session_meta" or not (thread_id := text(meta, "id")):
        return None
    source, git = meta.get("source"), meta.get("git")
    spawn = _spawn(source)
    return RolloutHeader(
        thread_id,
        text(meta, "session_id") or text(spawn, "parent_thread_id") or thread_id,
        text(meta, "parent_thread_id") or text(spawn, "parent_thread_id"),
        text(meta, "forked_from_id"),
        text(spawn, "agent_role") or "default" if spawn else "",
        source if isinstance(source, str) else "",
        text(meta, "cwd", 4_096),
        text(git, "branch") if isinstance(git, dict) else "",
    )


def _spawn(source: Any) -> Line:
    """Return how a subagent was started."""
    subagent = source.get("subagent") if isinstance(source, dict) else None
    spawn = subagent.get("thread_spawn") if isinstance(subagent, dict) else None
    return spawn if isinstance(spawn, dict) else {}


def item_of(line: Line) -> RolloutItem | None:
    """Return the call that an item is the end of; None for items that are no calls."""
    payload = payload_of(line)
    found = payload.get("item")
    if payload.get("type") != "item_completed" or not isinstance(found, dict) or not (call_id := text(found, "id")):
        return None
    begun_ns, ended_ns = _ms(payload, "started_at_ms"), _ms(payload, "completed_at_ms")
    made = _MADE.get(text(found, "type"))
    if made is None or not ended_ns:
        return None
    tool, given, output = made(found)
    return RolloutItem(
        call_id,
        text(payload, "turn_id"),
        tool,
        given,
        output,
        begun_ns or ended_ns,
        ended_ns,
        text(found, "status"),
        _exit_code(found),
        _duration_ms(found, begun_ns, ended_ns),
    )


def started_agent(line: Line) -> tuple[str, str]:
    """Return (call id, thread) of a subagent that an item says was started; empty where it says nothing such."""
    item = payload_of(line).get("item")
    if not isinstance(item, dict) or item.get("type") != "SubAgentActivity" or item.get("kind") != "started":
        return "", ""
    return text(item, "id"), text(item, "agent_thread_id")


def is_refusal(output: Any) -> bool:
    """Whether the output of a model's call says that it was not allowed."""
    return REFUSED.search(output_text(output)[:2_000]) is not None


def output_text(output: Any) -> str:
    """Return an output as text: it is one, or a list of blocks."""
    if isinstance(output, str):
        return output
    return "\n".join(str(block.get("text") or "") for block in members({"blocks": output}, "blocks", 20))


def _command(item: Line) -> tuple[str, Any, Any]:
    words = item.get("command")
    command = words[-1] if isinstance(words, list) and words else words
    return SHELL, {"command": str(command or "")}, item.get("aggregated_output")


def _patch(item: Line) -> tuple[str, Any, Any]:
    changes = item.get("changes")
    paths = sorted(changes) if isinstance(changes, dict) else []
    return PATCH, {"command": "\n".join(f"*** Update File: {path}" for path in paths)}, item.get("stdout")


def _mcp(item: Line) -> tuple[str, Any, Any]:
    return f"mcp__{text(item, 'server')}__{text(item, 'tool')}", item.get("arguments"), item.get("result")


def _search(item: Line) -> tuple[str, Any, Any]:
    return "web_search", {"query": item.get("query")}, None


_MADE: Final = {"CommandExecution": _command, "FileChange": _patch, "McpToolCall": _mcp, "WebSearch": _search}


def _ms(payload: Line, key: str) -> int:
    value = payload.get(key)
    return value * MS if isinstance(value, int) and value > 0 else 0


def _exit_code(item: Line) -> int | None:
    value = item.get("exit_code")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _duration_ms(item: Line, begun_ns: int, ended_ns: int) -> int | None:
    duration = item.get("duration")
    if isinstance(duration, dict) and isinstance(duration.get("secs"), int):
        return int(duration["secs"]) * 1_000 + int(duration.get("nanos") or 0) // MS
    return (ended_ns - begun_ns) // MS if begun_ns else None
