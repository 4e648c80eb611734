"""What Hookline tells of a scene, asked by its own commands: `hookline report`, `hookline session`, `hookline live`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from support.person import Person

View = dict[str, Any]
PATIENCE_S = 180.0
NO_ANSWER = "did not answer"


@dataclass(slots=True)
class Told:
    """What one mode tells of one session of one person; each question is asked once."""

    mode: str
    person: Person
    user: str
    session_id: str
    kept: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def ask(self, *words: str) -> Any:
        """Run a command with `--format json` and return what it says."""
        key = " ".join(words)
        if key not in self.kept:
            self.kept[key] = json.loads(self._asked(*words, "--format", "json"))
        return self.kept[key]

    def say(self, *words: str) -> str:
        """Run a command and return what a person reads."""
        key = "text: " + " ".join(words)
        if key not in self.kept:
            self.kept[key] = self._asked(*words)
        return str(self.kept[key])

    def _asked(self, *words: str) -> str:
        """Return what a command says; a collector that a busy machine keeps from answering is asked again, and given up for good."""
        key = " ".join(words)
        if key in self.refused:
            raise ValueError(self.refused[key])
        deadline = time.monotonic() + PATIENCE_S
        while (done := self.person.hookline(*words, within_s=PATIENCE_S)).returncode:
            if NO_ANSWER not in done.stderr or time.monotonic() > deadline:
                self.refused[key] = done.stderr.strip()[:200] or f"exit code {done.returncode}"
                raise ValueError(self.refused[key])
            time.sleep(1.0)
        return done.stdout

    @property
    def total(self) -> Mapping[str, Any]:
        """The report's total of this scene's person."""
        found: Mapping[str, Any] = self.ask("report", "--user", self.user)["totals"]
        return found

    def by(self, grouping: str) -> dict[str, Mapping[str, Any]]:
        """The report's rows of this scene's person."""
        return {row["key"]: row for row in self.ask("report", "--user", self.user, "--by", grouping)["rows"]}

    @property
    def session(self) -> Mapping[str, Any]:
        """The session, whole."""
        found: Mapping[str, Any] = self.ask("session", self.session_id)
        return found

    def turn(self, number: int) -> Mapping[str, Any]:
        """A turn in the order of their starts, the first is 0."""
        turns: list[Mapping[str, Any]] = sorted(self.session["turns"], key=lambda turn: turn["started"])
        return turns[number]

    def call(self, tool: str, number: int = 0) -> Mapping[str, Any]:
        """A call of a tool in the order of their requests."""
        calls: list[Mapping[str, Any]] = [call for call in self.session["tool_calls"] if call["tool"] == tool]
        return sorted(calls, key=lambda call: call["requested"])[number]


def seconds(row: Mapping[str, Any]) -> float:
    """Return how long a turn took."""
    return (datetime.fromisoformat(row["ended"]) - datetime.fromisoformat(row["started"])).total_seconds()


def said(view: View | None) -> str:
    """Return a session's state in the words of the live view."""
    if view is None:
        return "(nobody)"
    state = str(view["state"])
    return f"{state} for {view['waiting_for']}" if view.get("waiting_for") else state
