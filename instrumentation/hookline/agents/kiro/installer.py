"""Installing for Kiro: handlers in each agent's configuration (`~/.kiro/agents/*.json`). Written from its documentation, not run.

Kiro has no hooks for all agents, and its built-in agent has no file: an agent of one's own is needed first. Each file is changed, and given back,
by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from hookline.agents.kiro.hooks import READERS
from hookline.agents.kiro.identity import NAME, TITLE
from hookline.errors import ConfigInvalid
from hookline.install.change import Change, Scope
from hookline.install.hook_groups import HookEvent
from hookline.install.json_hooks import HooksFile, JsonHooksInstaller
from hookline.install.on_machine import found_by
from hookline.install.scripts import are_current
from hookline.install.settings_change import home_of
from hookline.settings import Settings

TIMEOUT_MS: Final = 5_000
TOOLS: Final = frozenset({"preToolUse", "postToolUse"})
EVENTS: Final = tuple(HookEvent(name, "*" if name in TOOLS else "", TIMEOUT_MS, is_flat=True, timeout_key="timeout_ms") for name in READERS)
FOLDER: Final = ".kiro/agents"


class KiroInstaller:
    """Installing behind the protocol: one installer a file."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        self._env = env

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put handlers into every agent's file; raises ConfigInvalid where there is none."""
        files = self._files(scope)
        if not files:
            why = f"{TITLE}'s built-in agent takes no hooks: make an agent of your own there, and run this again"
            raise ConfigInvalid([(str(self._folder()), why)])

        def put(one: JsonHooksInstaller) -> Change:
            return one.install(settings, scope, native_telemetry=native_telemetry, status_line=status_line, dry_run=dry_run)

        return self._each(files, put, dry_run)

    def uninstall(self, settings: Settings, scope: Scope, *, dry_run: bool) -> Change:
        """Take our handlers out of every agent's file."""
        return self._each(self._files(scope), lambda one: one.uninstall(settings, scope, dry_run=dry_run), dry_run)

    def installed(self) -> tuple[list[Path], list[Path]]:
        """Return the files that have the hooks, and those that cannot be read."""
        each = [one.installed() for one in self._files("user")]
        return [path for found, _ in each for path in found], [path for _, broken in each for path in broken]

    def is_current(self, settings: Settings) -> bool:
        """Whether the installed scripts are those of this version."""
        return are_current(settings, ())

    def is_present(self, env: Mapping[str, str]) -> str:
        """Say by what Kiro is found on this machine; empty where it is not."""
        return found_by("kiro-cli", home_of(env) / ".kiro", env)

    def _folder(self) -> Path:
        return home_of(self._env) / FOLDER

    def _files(self, scope: Scope) -> list[JsonHooksInstaller]:
        if scope != "user":
            raise ConfigInvalid([(f"--{scope}", f"{TITLE} is set up in {self._folder()} only: leave the option out")])
        return [
            JsonHooksInstaller(HooksFile(NAME, TITLE, f"{FOLDER}/{path.name}", EVENTS), self._env) for path in sorted(self._folder().glob("*.json"))
        ]

    def _each(self, files: list[JsonHooksInstaller], change: Callable[[JsonHooksInstaller], Change], dry_run: bool) -> Change:
        """Return the changes of all files as one, of the folder."""
        made = [change(one) for one in files]
        remarks = tuple(dict.fromkeys(remark for one in made for remark in one.remarks))
        before, after = ("".join(text or "" for text in texts) for texts in ([one.before for one in made], [one.after for one in made]))
        return Change(self._folder(), before, after, remarks, next((one.backup for one in made if one.backup), None), dry_run)
