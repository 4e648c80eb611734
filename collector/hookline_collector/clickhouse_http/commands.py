"""Statements that change only the asker's own session, or end the asker's own statements: SET, USE and KILL QUERY.

They never reach the engine. Read from what its formatter wrote, so each has one spelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hookline_collector.store.statement_guard import assignments, literal_text

_USE = re.compile(r"USE (?:DATABASE )?(?:`((?:[^`\\]|\\.)*)`|(\w+))")
_KILL = re.compile(r"KILL QUERY WHERE query_id = ('(?:[^'\\]|\\.)*')(?: (SYNC|ASYNC|TEST))?")


@dataclass(frozen=True, slots=True)
class SetCommand:
    """SET: settings for what comes later in the session."""

    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class UseCommand:
    """USE: the session's database."""

    database: str


@dataclass(frozen=True, slots=True)
class KillCommand:
    """KILL QUERY of one statement by its id; `is_test` only asks whether it runs."""

    query_id: str
    is_test: bool = False


Command = SetCommand | UseCommand | KillCommand


def command_of(formatted: str) -> Command | None:
    """Return what a formatted statement asks for; None for any other, which the gate judges."""
    if formatted.startswith("SET ") and (found := assignments(formatted[len("SET ") :])) is not None:
        return SetCommand(found)
    if use := _USE.fullmatch(formatted):
        return UseCommand(use[1] or use[2])
    if kill := _KILL.fullmatch(formatted):
        return KillCommand(literal_text(kill[1]), kill[2] == "TEST")
    return None
