"""Installing for Cursor: handlers in `~/.cursor/hooks.json`, or in a project's. Written from its documentation, not run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hookline.agents.cursor.hooks import READERS
from hookline.agents.cursor.identity import NAME, TITLE
from hookline.install.hook_groups import HookEvent
from hookline.install.json_hooks import HooksFile, JsonHooksInstaller

EVENTS: Final = tuple(HookEvent(name, is_flat=True) for name in READERS)
FILE: Final = HooksFile(
    NAME,
    TITLE,
    ".cursor/hooks.json",
    EVENTS,
    project_file=".cursor/hooks.json",
    program="cursor-agent",
    fresh='{\n  "version": 1,\n  "hooks": {}\n}\n',
)


class CursorInstaller(JsonHooksInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        super().__init__(FILE, env, project_dir)
