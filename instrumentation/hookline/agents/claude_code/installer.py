"""Installing for Claude Code: the scripts into the data folder, the handlers into a settings file. Thin I/O around `plan`."""

import os
from collections.abc import Mapping
from pathlib import Path

from hookline.agents.claude_code.client_version import find_version
from hookline.agents.claude_code.hook_events import EVENTS, Version, events_of
from hookline.agents.claude_code.scripts import are_scripts_current, install_scripts, remove_scripts, status_line_path
from hookline.agents.claude_code.settings_plan import Wanted, plan_install, plan_uninstall
from hookline.agents.claude_code.telemetry_settings import telemetry_env
from hookline.install.change import Change, Scope
from hookline.install.command import quote_path
from hookline.install.document import NotJson
from hookline.install.file import backup_path, read_backup, read_text
from hookline.install.hook_groups import UnexpectedShape, has_hooks
from hookline.install.manifest import InstallNote, read_notes, write_notes
from hookline.install.on_machine import found_by
from hookline.install.settings_change import Explained, Plan, change_of, home_of, key_of, put, take_out
from hookline.settings import Settings
from hookline.spool import prepare

SCOPES: tuple[Scope, ...] = ("user", "project", "local")


def settings_path(scope: Scope, project_dir: Path | None = None, env: Mapping[str, str] = os.environ) -> Path:
    """Return the settings file of a scope; `project_dir` is the current folder if it is not given."""
    if scope == "user":
        folder = env.get("CLAUDE_CONFIG_DIR")
        return (Path(folder) if folder else home_of(env) / ".claude") / "settings.json"
    name = "settings.json" if scope == "project" else "settings.local.json"
    return (project_dir or Path.cwd()) / ".claude" / name


def install_claude_code(
    settings: Settings,
    scope: Scope = "user",
    native_telemetry: bool = False,
    dry_run: bool = False,
    *,
    status_line: bool = False,
    project_dir: Path | None = None,
    env: Mapping[str, str] = os.environ,
    version: Version | None = None,
) -> Change:
    """Register the hook for every safe event; see `hookline.install`. `version` is asked of the client if not given."""
    path = settings_path(scope, project_dir, env)
    before = read_text(path)
    notes = read_notes(settings)
    version = version or find_version()
    wanted = _wanted(settings, scope, native_telemetry, status_line, env, version)
    with Explained(path):
        plan = plan_install(before, wanted, notes.get(key_of(path), InstallNote()))
    remarks = (*plan.remarks, *_remarks(wanted, version, env), *_doubles(scope, key_of(path), notes))
    change = change_of(path, before, plan, remarks, dry_run=dry_run)
    if not dry_run:
        _apply(settings, scope, change, plan, notes)
    return change


def uninstall_claude_code(
    settings: Settings,
    scope: Scope = "user",
    dry_run: bool = False,
    *,
    project_dir: Path | None = None,
    env: Mapping[str, str] = os.environ,
) -> Change:
    """Take out exactly what install put in. Events that wait in the spool stay there."""
    path = settings_path(scope, project_dir, env)
    now = read_text(path)
    notes = read_notes(settings)
    note = notes.pop(key_of(path), InstallNote())
    original = read_backup(backup_path(path))
    with Explained(path):
        after = plan_uninstall(now, note, original)
    change = take_out(path, now, after, note, scope, dry_run=dry_run)
    if dry_run:
        return change
    if settings.data_dir.exists():
        write_notes(settings, notes)
    if not notes:
        remove_scripts(settings)
    return change


def installed(env: Mapping[str, str] = os.environ) -> tuple[list[Path], list[Path]]:
    """Return the settings files that have the hooks, and those that cannot be read."""
    found, broken = [], []
    for path in dict.fromkeys(settings_path(scope, env=env).resolve() for scope in SCOPES):  # in the home folder, user and project are one file
        try:
            if path.is_file() and has_hooks(path.read_text()):
                found.append(path)
        except (NotJson, UnexpectedShape, OSError, UnicodeDecodeError):
            broken.append(path)
    return found, broken


class ClaudeInstaller:
    """Installing behind the protocol."""

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put in what is wanted."""
        return install_claude_code(settings, scope, native_telemetry, dry_run, status_line=status_line)

    def uninstall(self, settings: Settings, scope: Scope, *, dry_run: bool) -> Change:
        """Take out what install put in."""
        return uninstall_claude_code(settings, scope, dry_run)

    def installed(self) -> tuple[list[Path], list[Path]]:
        """Return the settings files that have the hooks, and those that cannot be read."""
        return installed()

    def is_current(self, settings: Settings) -> bool:
        """Whether the installed scripts are those of this version."""
        return are_scripts_current(settings)

    def is_present(self, env: Mapping[str, str]) -> str:
        """Say by what the client is found."""
        return found_by("claude", settings_path("user", env=env).parent, env)


def _wanted(settings: Settings, scope: Scope, native: bool, status_line: bool, env: Mapping[str, str], version: Version | None) -> Wanted:
    home = home_of(env) if scope == "project" else None
    return Wanted(
        events_of(version),
        quote_path(settings.hook_path, home),
        quote_path(status_line_path(settings), home) if status_line else "",
        telemetry_env(settings, may_hold_secrets=scope != "project") if native else None,
    )


def _remarks(wanted: Wanted, version: Version | None, env: Mapping[str, str]) -> list[str]:
    remarks = []
    if version is None:
        remarks.append("no `claude` on the PATH to ask for its version: a client older than this list of events refuses the file, so update it")
    if version is not None and len(wanted.events) < len(EVENTS):
        said = ".".join(map(str, version))
        remarks.append(f"Claude Code {said} has {len(wanted.events)} of {len(EVENTS)} events; run this again after an update")
    if wanted.env is not None and any(key.startswith("OTEL_") and env.get(key, value) != value for key, value in wanted.env.items()):
        remarks.append("this shell sets OTEL_ variables of its own: the settings file's win for the client")
    return remarks


def _doubles(scope: Scope, key: str, notes: Mapping[str, InstallNote]) -> list[str]:
    """The client runs equal commands of several files once; those of shared settings are written otherwise."""
    others = [path for path, note in notes.items() if path != key and (note.scope == "project") != (scope == "project")]
    return [f"also installed in {path}: where both apply every event is seen twice; uninstall one" for path in others]


def _apply(settings: Settings, scope: Scope, change: Change, plan: Plan, notes: dict[str, InstallNote]) -> None:
    prepare(settings)
    install_scripts(settings)
    note = put(change, plan, scope)
    write_notes(settings, notes | {key_of(change.path): note})
