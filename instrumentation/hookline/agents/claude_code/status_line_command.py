"""The status line as a command: keep the limits for the relay, then show the user's own status line untouched, or ours.

The agent gives its status line the only live figures of usage limits, context and cost. The fields of FIELDS, and no others,
go to the spool as an event of kind `statusline`, in the shape in which the agent gave them. Nothing that goes wrong there
(no spool, no JSON, no room) is shown or changes the exit code. `statusline.sh` does the same without starting Python and is
what install configures; there the relay's adapter picks the fields.
"""

import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from hookline.agents.claude_code.identity import NAME
from hookline.agents.claude_code.status_text import TODAY_NAME, look_up, render, show
from hookline.errors import HooklineError
from hookline.settings import Settings
from hookline.spool.writer import write_event

# What is kept, by its path in the agent's JSON.
FIELDS: tuple[tuple[str, ...], ...] = (
    ("session_id",),
    ("transcript_path",),
    ("cwd",),
    ("model", "id"),
    ("model", "display_name"),
    ("context_window", "used_percentage"),
    ("context_window", "context_window_size"),
    ("cost", "total_cost_usd"),
    ("rate_limits", "five_hour", "used_percentage"),
    ("rate_limits", "five_hour", "resets_at"),
    ("rate_limits", "seven_day", "used_percentage"),
    ("rate_limits", "seven_day", "resets_at"),
)


class ClaudeStatusLine:
    """The status line behind the protocol."""

    today_name = TODAY_NAME

    def run(self, settings: Settings | None, command: Sequence[str]) -> int:
        """Keep what the agent gives, show a line, return the exit code."""
        return run_status_line(settings, command)

    def preview(self, settings: Settings | None) -> str:
        """Return the own line with the figures of an example."""
        return preview(settings)


def run_status_line(settings: Settings | None, command: Sequence[str], env: Mapping[str, str] = os.environ) -> int:
    """Read the agent's JSON from standard input, keep what is needed, run the command with the same input; return its exit code.

    Without settings (they could not be read) nothing is kept.
    """
    given = sys.stdin.buffer.read() if sys.stdin else b""
    status = read_status(given)
    if status and settings is not None:
        _keep(settings, status, env)
    if command:
        return _show_own(command, given)
    show(given, str(settings.data_dir) if settings is not None else "", env)
    return 0


def read_status(given: bytes) -> dict[str, Any]:
    """Return the fields of FIELDS that are there, empty if this is not the agent's JSON."""
    try:
        whole = json.loads(given)
    except (ValueError, RecursionError):
        return {}
    kept: dict[str, Any] = {}
    for path in FIELDS:
        value = look_up(whole, path)
        if _is_plain(value):
            _put(kept, path, value)
    return kept


def _keep(settings: Settings, status: Mapping[str, Any], env: Mapping[str, str]) -> None:
    said = {"agent": NAME, "kind": "statusline", "claude_pid": env.get("CLAUDE_PID", ""), "ppid": str(os.getppid()), "host": platform.node()}
    try:
        write_event(settings.spool_dir, json.dumps(status).encode(), said)
    except (OSError, HooklineError):
        return  # the status line is not the place to tell of it; `hookline doctor` is


def example(now_s: float) -> bytes:
    """Return what an agent might give: an hour and ten minutes before the five hours end, two days before the week does."""
    return json.dumps(
        {
            "cwd": os.getcwd(),  # noqa: PTH109
            "model": {"display_name": "Opus 5"},
            "cost": {"total_cost_usd": 1.27},
            "context_window": {"used_percentage": 43, "total_input_tokens": 86_000},
            "rate_limits": {
                "five_hour": {"used_percentage": 88, "resets_at": now_s + 4_230},
                "seven_day": {"used_percentage": 61, "resets_at": now_s + 180_030},
            },
        }
    ).encode()


def preview(settings: Settings | None) -> str:
    """Return the own line with an example's figures, this folder's place, and today's figures if they are at hand."""
    now_s = time.time()
    return render(example(now_s), str(settings.data_dir) if settings is not None else "", os.environ, now_s)


def _show_own(command: Sequence[str], given: bytes) -> int:
    try:
        code = subprocess.run(list(command), input=given, check=False).returncode
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127
    return code if code >= 0 else 128 - code


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _put(tree: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value
