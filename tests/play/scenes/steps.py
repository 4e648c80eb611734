"""What scenes have in common: steps of the model, words of the live view, and a session's end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from play.stage import Desk
from play.told import Told, seconds

BASH = "Bash"
PROMPT = "waiting for prompt"
PERMISSION = "waiting for permission"
ANSWER = "waiting for answer"
WORKING = "working"
PROCEED = "Do you want to proceed"


def bash(command: str, description: str, **more: Any) -> dict[str, Any]:
    """Return a step in which the model calls Bash."""
    return {"tools": [[BASH, {"command": command, "description": description, **more}]]}


def spend(seconds: float, description: str = "Spend time", **more: Any) -> dict[str, Any]:
    """Return a step whose command runs this long; the client refuses a bare `sleep`."""
    return bash(f"python3 -c 'import time; time.sleep({seconds:g})'", description, **more)


def slow(text: str, after_s: float) -> dict[str, Any]:
    """Return a step for which the model takes its time."""
    return {"say": text, "after_s": after_s}


def allow(*rules: str) -> tuple[str, ...]:
    """Return the client's arguments that let tools run unasked."""
    return ("--allowedTools", *rules)


def is_turn_end(line: Mapping[str, Any]) -> bool:
    """Whether a line of the transcript says that a turn is over."""
    return line.get("subtype") == "turn_duration"


def length_of_turn(number: int, told: Told) -> float:
    """Return how long a turn took, as Hookline tells it."""
    return seconds(told.turn(number))


def end_session(desk: Desk) -> None:
    """Leave the client, and wait until all is told."""
    desk.leave()
    desk.settle()


PYTHON = "Bash(python3:*)"
ASKS = bash("curl -s http://127.0.0.1:9/ || echo refused", "Ask")
SHORT = [{"say": "Short and done."}]
