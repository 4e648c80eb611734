"""Installing for Codex: our handlers into `hooks.json`, and on wish its own telemetry into `config.toml`.

Codex asks a person to approve each hook, so nothing here approves anything: a remark says where that is done. SessionEnd and Interrupt get three
seconds at most; more gives a warning. PreModelRequest is left out: its end says all that it does.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hookline.agents.codex.identity import FOLDER_VARIABLE, NAME, TITLE
from hookline.agents.codex.telemetry_config import block, plan_config, plan_out
from hookline.agents.codex.trust import MODIFIED, TRUSTED, Trust, trust_by_client, trust_by_files
from hookline.agents.equipment import HookCheck
from hookline.install.change import Change, Scope
from hookline.install.file import backup_path, read_backup, read_text
from hookline.install.hook_groups import HookEvent
from hookline.install.json_hooks import HooksFile, JsonHooksInstaller
from hookline.install.manifest import InstallNote, read_notes, write_notes
from hookline.install.settings_change import Explained, change_of, key_of, put, take_out
from hookline.settings import Settings

SHORT_S: Final = 3
EVENTS: Final = (
    *(HookEvent(name) for name in ("SessionStart", "UserPromptSubmit", "PreToolUse", "PermissionRequest", "PostToolUse")),
    HookEvent("PostModelRequest"),
    *(HookEvent(name) for name in ("SubagentStart", "SubagentStop", "PreCompact", "PostCompact", "Stop")),
    HookEvent("Interrupt", timeout=SHORT_S),
    HookEvent("SessionEnd", timeout=SHORT_S),
)
FILE: Final = HooksFile(NAME, TITLE, ".codex/hooks.json", EVENTS, FOLDER_VARIABLE)
HOW: Final = 'start codex and choose "Trust all and continue", or approve them under /hooks'


class CodexInstaller(JsonHooksInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        super().__init__(FILE, env, project_dir)

    @property
    def config(self) -> Path:
        """The client's configuration, in which approvals stand."""
        return self.path().with_name("config.toml")

    def remarks(self, settings: Settings, scope: Scope, after: str) -> list[str]:
        """Say that the hooks have to be approved."""
        del settings, scope, after
        return [] if trust_by_files(self.path(), self.config).is_whole else [f"Codex runs hooks only once you have approved them: {HOW}"]

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put in what is wanted; running it again changes nothing."""
        hooks = super().install(settings, scope, native_telemetry=False, status_line=status_line, dry_run=dry_run)
        if not native_telemetry:
            return hooks
        path, notes = self.config, read_notes(settings)
        before = read_text(path)
        with Explained(path):
            plan = plan_config(before, block(settings), notes.get(key_of(path), InstallNote()))
        change = change_of(path, before, plan, plan.remarks, dry_run=dry_run)
        if not dry_run and change.is_needed:
            note = put(change, plan, scope)
            write_notes(settings, read_notes(settings) | {key_of(path): note})
        return dataclasses.replace(hooks, remarks=(*hooks.remarks, *plan.remarks), beside=change)

    def uninstall(self, settings: Settings, scope: Scope, *, dry_run: bool) -> Change:
        """Take out exactly what install put in."""
        path, notes = self.config, read_notes(settings)
        note = notes.pop(key_of(path), None)
        if note is None:
            return super().uninstall(settings, scope, dry_run=dry_run)
        now = read_text(path)
        change = take_out(path, now, plan_out(now, note, read_backup(backup_path(path))), note, scope, dry_run=dry_run)
        if not dry_run and settings.data_dir.exists():
            write_notes(settings, notes)
        return dataclasses.replace(super().uninstall(settings, scope, dry_run=dry_run), beside=change)

    def check(self, *, asks_client: bool) -> HookCheck | None:
        """Say whether the installed hooks run; None where none are installed. `asks_client`: where the files deny it, the client is asked as well."""
        trust = trust_by_files(self.path(), self.config)
        if not trust.total:
            return None
        if asks_client and not trust.is_whole:
            trust = trust_by_client(Path.cwd(), self.path(), self._env) or trust
        return HookCheck(trust.is_whole, told(trust), "" if trust.is_whole else HOW)


def told(trust: Trust) -> str:
    """Return the state of the hooks as a sentence."""
    if trust.is_whole:
        return f"all {trust.total} hooks are approved"
    waiting = trust.total - trust.counts.get(TRUSTED, 0)
    changed = trust.counts.get(MODIFIED, 0)
    why = f" ({changed} of them changed since they were approved)" if changed else ""
    return f"{waiting} of {trust.total} hooks are not approved{why}: Codex passes over them without a word"
