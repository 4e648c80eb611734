"""Installing for Copilot CLI: a file of our own among its hooks. Copilot reads every file of the folder, so nothing else is touched.

Registered is what something is made of. PermissionRequest is not: it comes for every call, also for those that nobody is asked about, and each hook
holds the client up. A key in camel case instead of Pascal case would bring each event a second time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hookline.agents.copilot_cli.identity import NAME, TITLE
from hookline.install.change import Scope
from hookline.install.command import hook_command, quote_path
from hookline.install.document import new_document
from hookline.install.own_file import OwnFile, OwnFileInstaller
from hookline.settings import Settings

FILE: Final = OwnFile(TITLE, ".copilot/hooks/hookline.json", "COPILOT_HOME", 1, ".github/hooks/hookline.json")
TIMEOUT_S: Final = 5
EVENTS: Final = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "Notification",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "Stop",
    "ErrorOccurred",
    "SessionEnd",
)


class CopilotInstaller(OwnFileInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        super().__init__(FILE, env, project_dir)

    def text(self, settings: Settings, scope: Scope) -> str:
        """Return the file's text. A hook's command says its event, as not every payload does."""
        path = quote_path(settings.hook_path, self.home(scope))
        hooks = {event: [{"type": "command", "bash": hook_command(path, agent=NAME, event=event), "timeoutSec": TIMEOUT_S}] for event in EVENTS}
        return new_document({"version": 1, "hooks": hooks})

    def telemetry_remark(self, settings: Settings) -> str:
        """Say which variables switch Copilot's own telemetry on: no settings file holds them."""
        return (
            f"{TITLE} takes its own OpenTelemetry from the shell's variables alone: export OTEL_EXPORTER_OTLP_ENDPOINT=http://HOST:PORT of the "
            f"collector's OTLP over HTTP ({settings.collector.otlp_http}) and OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        )
