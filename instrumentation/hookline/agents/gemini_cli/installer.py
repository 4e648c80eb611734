"""Installing for Gemini CLI: `~/.gemini/settings.json`, or that of a project.

The client runs a user's hooks at once; a project's run once the folder is trusted. It waits for each hook and shows its name meanwhile; time-outs
are milliseconds.
BeforeModel, AfterModel (each chunk of an answer, with the whole conversation) and BeforeToolSelection are left out on purpose.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hookline.agents.gemini_cli.identity import NAME, TITLE, home
from hookline.install.change import Scope
from hookline.install.document import parse
from hookline.install.file import split_bom
from hookline.install.hook_groups import HookEvent
from hookline.install.json_hooks import HooksFile, JsonHooksInstaller
from hookline.install.section_values import Values
from hookline.settings import Settings
from hookline.settings.telemetry_endpoint import native_endpoint

TIMEOUT_MS: Final = 5_000
EVENTS: Final = ("SessionStart", "BeforeAgent", "BeforeTool", "AfterTool", "AfterAgent", "Notification", "PreCompress", "SessionEnd")
MATCHERS: Final = {"PreCompress": "manual"}  # `auto` comes before every request to the model, which waits for it, and says nothing
FILE: Final = HooksFile(
    NAME,
    TITLE,
    ".gemini/settings.json",
    tuple(HookEvent(name, MATCHERS.get(name, ""), timeout=TIMEOUT_MS, label="hookline") for name in EVENTS),
    project_file=".gemini/settings.json",
    section="telemetry",
)


class GeminiInstaller(JsonHooksInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        super().__init__(FILE, env, project_dir)

    def path(self, scope: Scope = "user") -> Path:
        """Return the settings file of a scope."""
        return home(self._env) / "settings.json" if scope == "user" else super().path(scope)

    def remarks(self, settings: Settings, scope: Scope, after: str) -> list[str]:
        """Say where hooks are switched off."""
        text = split_bom(after)[1]
        config = parse(text).value.get("hooksConfig")
        is_off = isinstance(config, dict) and config.get("enabled") is False
        return ["hooks are switched off here by hooksConfig.enabled: nothing will be seen until that is removed"] if is_off else []

    def telemetry(self, settings: Settings) -> Values:
        """Return the values that send the client's telemetry where the relay sends its own; prompts and arguments are left out of it."""
        protocol = "grpc" if settings.relay.protocol == "grpc" else "http"
        return {"enabled": True, "target": "local", "otlpEndpoint": native_endpoint(settings), "otlpProtocol": protocol, "logPrompts": False}
