"""Installing for Droid: groups in `~/.factory/settings.json`, or in a project's.

Droid also reads a `hooks.json` beside it, with events as its keys. For an event that stands there what `settings.json` has is not run (seen with
0.215.0); that is said, and the file left alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hookline.agents.droid.identity import NAME, TITLE
from hookline.install.change import Scope
from hookline.install.document import NotJson, parse
from hookline.install.hook_groups import HookEvent
from hookline.install.json_hooks import HooksFile, JsonHooksInstaller
from hookline.settings import Settings

EVENTS: Final = (
    HookEvent("SessionStart"),
    HookEvent("UserPromptSubmit"),
    HookEvent("PreToolUse", "*"),
    HookEvent("PostToolUse", "*"),
    HookEvent("Notification"),
    HookEvent("SubagentStop"),
    HookEvent("PreCompact"),
    HookEvent("Stop"),
    HookEvent("SessionEnd"),
)
FILE: Final = HooksFile(
    NAME,
    TITLE,
    ".factory/settings.json",
    EVENTS,
    project_file=".factory/settings.json",
    local_file=".factory/settings.local.json",
)


class DroidInstaller(JsonHooksInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        super().__init__(FILE, env, project_dir)

    def remarks(self, settings: Settings, scope: Scope, after: str) -> list[str]:
        """Return which events another file hides."""
        beside = self.path(scope).with_name("hooks.json")
        hidden = [event.name for event in EVENTS if event.name in _events_in(beside)]
        if not hidden:
            return []
        return [f"{beside} has hooks of its own for {', '.join(hidden)}: Droid does not run ours for these; move them into {self.path(scope).name}"]


def _events_in(path: Path) -> frozenset[str]:
    try:
        found = parse(path.read_text("utf-8-sig")).value
    except (OSError, NotJson, UnicodeDecodeError):
        return frozenset()
    return frozenset(found) if isinstance(found, dict) else frozenset()
