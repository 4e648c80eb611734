"""Installing for Qwen Code: `~/.qwen/settings.json`, or that of a project.

The client took over another agent's events and the form of its settings; time-outs below 1000 are seconds. MessageDisplay, which fires for every
chunk of text, is left out on purpose, and what would only be counted: InstructionsLoaded, the to-do list's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hookline.agents.qwen_code.identity import NAME, TITLE
from hookline.install.change import Scope
from hookline.install.document import parse
from hookline.install.file import split_bom
from hookline.install.hook_groups import HookEvent
from hookline.install.json_hooks import HooksFile, JsonHooksInstaller
from hookline.install.section_values import Values
from hookline.settings import Settings
from hookline.settings.telemetry_endpoint import native_endpoint

TIMEOUT_S: Final = 5
EVENTS: Final = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PermissionRequest",
    "PermissionDenied",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "Notification",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
    "Stop",
    "StopFailure",
    "SessionEnd",
)
FILE: Final = HooksFile(
    NAME,
    TITLE,
    ".qwen/settings.json",
    tuple(HookEvent(name, timeout=TIMEOUT_S) for name in EVENTS),
    folder_variable="QWEN_HOME",
    project_file=".qwen/settings.json",
    section="telemetry",
)


class QwenInstaller(JsonHooksInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        super().__init__(FILE, env, project_dir)

    def remarks(self, settings: Settings, scope: Scope, after: str) -> list[str]:
        """Say where hooks are switched off."""
        text = split_bom(after)[1]
        is_off = parse(text).value.get("disableAllHooks") is True
        return ["hooks are switched off here by disableAllHooks: nothing will be seen until that is removed"] if is_off else []

    def telemetry(self, settings: Settings) -> Values:
        """Return the values that send the client's telemetry where the relay sends its own; prompts and arguments are left out of it."""
        protocol = "grpc" if settings.relay.protocol == "grpc" else "http"
        return {"enabled": True, "target": "local", "otlpEndpoint": native_endpoint(settings), "otlpProtocol": protocol, "logPrompts": False}
