"""Installing for Goose: a plugin of our own, `~/.agents/plugins/hookline`. Written from its documentation, not run.

A plugin is a folder with a manifest and `hooks/hooks.json`. Nothing of anybody else's is touched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from hookline.agents.goose.hooks import READERS
from hookline.agents.goose.identity import NAME, TITLE
from hookline.install.change import Change, Scope
from hookline.install.command import hook_command, quote_path
from hookline.install.document import new_document
from hookline.install.on_machine import found_by
from hookline.install.own_file import OwnFile, OwnFileInstaller
from hookline.install.settings_change import home_of
from hookline.settings import Settings
from hookline.system.files import write_private

TIMEOUT_S: Final = 5
MANIFEST: Final = {"name": "hookline", "version": "1.0.0", "description": "Keeps each event as a file for Hookline."}


class GooseInstaller(OwnFileInstaller):
    """Installing behind the protocol: the file of hooks, and the manifest beside its folder."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        super().__init__(OwnFile(TITLE, ".agents/plugins/hookline/hooks/hooks.json"), env)

    def text(self, settings: Settings, scope: Scope) -> str:
        """Return the file of hooks."""
        del scope
        command = hook_command(quote_path(settings.hook_path), agent=NAME)
        handler = {"type": "command", "command": command, "timeout": TIMEOUT_S}
        return new_document({"hooks": {event: [{"hooks": [handler]}] for event in READERS}})

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put both files there."""
        change = super().install(settings, scope, native_telemetry=native_telemetry, status_line=status_line, dry_run=dry_run)
        if not dry_run:
            write_private(self._manifest(scope), json.dumps(MANIFEST, indent=2) + "\n")
        return change

    def uninstall(self, settings: Settings, scope: Scope, *, dry_run: bool) -> Change:
        """Take both away, with the plugin's folder."""
        change = super().uninstall(settings, scope, dry_run=dry_run)
        if not dry_run:
            self._manifest(scope).unlink(missing_ok=True)
            with suppress(OSError):  # something else lies there now
                self._manifest(scope).parent.rmdir()
        return change

    def is_present(self, env: Mapping[str, str]) -> str:
        """Say by what Goose is found on this machine; empty where it is not."""
        return found_by(NAME, home_of(env) / ".config" / "goose", env)

    def telemetry_remark(self, settings: Settings) -> str:
        """Return what to say where the agent's own telemetry was asked for."""
        return f"Goose's own telemetry is switched on by a variable: OTEL_EXPORTER_OTLP_ENDPOINT={settings.relay.endpoint}"

    def _manifest(self, scope: Scope) -> Path:
        return self.path(scope).parents[1] / "plugin.json"
