"""The events of Kimi Code that Hookline registers, and the version that brought them.

Left out on purpose: SessionHeartbeat (its timer runs only when somebody asks for it), TaskStarted (the call that starts a task tells of it). An
event that a client does not know makes it refuse its whole settings file: so only those are registered that the installed version has, and where no
version is known, those that all have. Where its changelog is silent, a version that is known to have the event stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookline.agents.kimi_code.hooks import TURNS_TOLD
from hookline.install.toml_hooks import TomlRows

Version = tuple[int, ...]
TIMEOUT_S: Final = 5  # far above what the script takes; bounds what a dead disk can cost
TURNS: Final = "TurnStarted"


@dataclass(frozen=True, slots=True)
class KimiEvent:
    """One event: its name, and since when it is there."""

    name: str
    since: Version = (0, 1, 0)


EVENTS: Final = (
    KimiEvent("SessionStart"),
    KimiEvent("UserPromptSubmit"),
    KimiEvent(TURNS, (0, 32, 0)),
    KimiEvent("UserPromptQueued", (0, 32, 0)),
    KimiEvent("PreToolUse"),
    KimiEvent("PermissionRequest", (0, 30, 0)),
    KimiEvent("PermissionResult", (0, 30, 0)),
    KimiEvent("PostToolUse"),
    KimiEvent("PostToolUseFailure"),
    KimiEvent("Notification"),
    KimiEvent("SubagentStart"),
    KimiEvent("SubagentStop"),
    KimiEvent("PreCompact"),
    KimiEvent("PostCompact"),
    KimiEvent("Stop"),
    KimiEvent("StopFailure"),
    KimiEvent("Interrupt", (0, 30, 0)),
    KimiEvent("SessionEnd"),
)


def events_of(version: Version | None) -> tuple[KimiEvent, ...]:
    """Return the events that a version of the client has; those that every version has if it is not known."""
    return tuple(event for event in EVENTS if event.since <= (version or (0, 1, 0)))


def rows_of(version: Version | None, command: Callable[..., str]) -> TomlRows:
    """Return a table for each event of a version. With `TurnStarted` the word `turns=told` says so: turns then have their numbers."""
    events = events_of(version)
    words = {TURNS_TOLD: "told"} if any(event.name == TURNS for event in events) else {}
    said = command(**words)
    rows: tuple[Mapping[str, Any], ...] = tuple({"event": event.name, "command": said, "timeout": TIMEOUT_S} for event in events)
    return TomlRows(rows, tuple(_remarks(version, len(events))))


def _remarks(version: Version | None, registered: int) -> list[str]:
    if version is None:
        return [
            f"no `kimi` on the PATH that says its version: only the {registered} events that all versions have are registered; run this again there"
        ]
    if registered < len(EVENTS):
        return [f"Kimi Code {'.'.join(map(str, version))} has {registered} of {len(EVENTS)} events; run this again after an update"]
    return []
