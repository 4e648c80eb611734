"""An agent at work, made of the real client's captured hook payloads: session after session, each under ids of its own, in a real folder.

Each event also adds a line to the session's transcript, as the client does, because the relay reads along.
"""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.relaying.captures import FIXTURES

SCENARIOS = ("tools", "subagent", "denied", "parallel_agents", "tools", "stop_hook", "background", "api_error")
PROJECT = "/srv/shop"
TRANSCRIPTS = "/home/dev/.claude/projects/-srv-shop"
_TRANSCRIPT = FIXTURES / "transcripts" / "-srv-shop" / "24317a28-1712-42cb-b965-cd7ea641b154.jsonl"


@dataclass(frozen=True, slots=True)
class HookCall:
    """What the client gives one hook, and what it has just written into its transcript."""

    name: str
    payload: bytes
    transcript: Path
    line: str

    def write_line(self) -> None:
        """Add the line to the transcript."""
        self.transcript.parent.mkdir(parents=True, exist_ok=True)
        with self.transcript.open("a") as file:
            file.write(self.line)


class AgentAtWork:
    """Sessions in a project of its own below `home`; equal calls give equal sessions."""

    def __init__(self, home: Path) -> None:
        self._project = home / "shop"
        self._transcripts = home / ".claude" / "projects" / "shop"
        self._lines = _TRANSCRIPT.read_text().splitlines()
        self._sessions = 0
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(self._project)], check=True)

    def events(self) -> Iterator[HookCall]:
        """Yield events without end, one session after the other."""
        while True:
            for scenario in SCENARIOS:
                yield from self.session(scenario)

    def session(self, scenario: str) -> Iterator[HookCall]:
        """Yield the events of one session."""
        self._sessions += 1
        for number, payload in enumerate(_payloads(scenario)):
            session_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{payload['session_id']}-{self._sessions}"))
            line = json.dumps({**json.loads(self._lines[number % len(self._lines)]), "sessionId": session_id}) + "\n"
            text = self._renamed(json.dumps(payload), payload["session_id"], session_id)
            yield HookCall(payload["hook_event_name"], text.encode(), self._transcripts / f"{session_id}.jsonl", line)

    def _renamed(self, text: str, old_id: str, session_id: str) -> str:
        mark = session_id[:8]
        for old, new in ((old_id, session_id), (TRANSCRIPTS, str(self._transcripts)), (PROJECT, str(self._project)), ("toolu_", f"toolu_{mark}")):
            text = text.replace(old, new)
        return text


def _payloads(scenario: str) -> list[dict[str, str]]:
    return [json.loads(path.read_text())["payload"] for path in sorted((FIXTURES / scenario / "hooks").glob("*.json"))]
