"""What a notice says. A tool's, a subagent's and a project's name and nothing else of the work: no prompt, no command, no path."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hookline.agents import agent_named
from hookline.fold import OpenWait
from hookline.system.clock import NS_PER_S, iso

MAX_NAME_CHARS = 60
FOR = {"permission": "a permission", "answer": "an answer", "prompt": "your next prompt"}


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice: its wait, its two lines, and the facts for a command."""

    id: str
    session_id: str
    title: str
    body: str
    facts: dict[str, Any]


def notice(wait: OpenWait) -> Notice:
    """Return the notice of a wait."""
    project, tool, agent_type = plain(wait.place.project), plain(wait.tool), plain(wait.agent_type)
    agent = plain(agent_named(wait.agent).title or wait.agent)
    whose = f"{agent}'s subagent {agent_type}".rstrip() if wait.agent_id else agent
    began = datetime.fromtimestamp(wait.since_ns / NS_PER_S, UTC)
    about = tool if tool and wait.reason == "permission" else ""
    body = ", ".join(filter(None, (about, f"since {began.astimezone():%H:%M:%S}", f"session {plain(wait.session_id)[:8]}")))
    facts = {
        "reason": wait.reason,
        "session": wait.session_id,
        "project": project,
        "agent": wait.agent,
        "subagent": agent_type if wait.agent_id else "",
        "tool": tool,
        "since": iso(wait.since_ns),
    }
    place = f"{project}: " if project else ""
    return Notice(wait.id, wait.session_id, f"{place}{whose} waits for {FOR.get(wait.reason, plain(wait.reason))}", body, facts)


def plain(text: str) -> str:
    """Return a name fit for a line: a repository chooses it, so nothing in it may steer a terminal or hide its end."""
    shown = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    return shown if len(shown) <= MAX_NAME_CHARS else f"{shown[: MAX_NAME_CHARS - 1]}…"
