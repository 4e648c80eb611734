"""Installing for Claude Code: the scripts into the data folder, the handlers into a settings file. Thin I/O around `plan`."""

import dataclasses
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hookline.agents.claude_code.client_version import find_version
from hookline.agents.claude_code.hook_events import EVENTS, Version, events_of
from hookline.agents.claude_code.hook_settings import UnexpectedShape, has_hooks
from hookline.agents.claude_code.scripts import are_scripts_current, install_scripts, remove_scripts, status_line_path
from hookline.agents.claude_code.settings_plan import Plan, Wanted, plan_install, plan_uninstall
from hookline.agents.claude_code.telemetry_settings import telemetry_env
from hookline.errors import ConfigInvalid
from hookline.install.change import Change, Scope
from hookline.install.command import quote_path
from hookline.install.document import NotJson
from hookline.install.file import backup_path, last_change_path, read_backup, read_text, remove_file, write_backup, write_text
from hookline.install.manifest import InstallNote, digest, read_notes, write_notes
from hookline.settings import Settings
from hookline.spool import prepare

SCOPES: tuple[Scope, ...] = ("user", "project", "local")


def settings_path(scope: Scope, project_dir: Path | None = None, env: Mapping[str, str] = os.environ) -> Path:
    """Return the settings file of a scope; `project_dir` is the current folder if it is not given."""
    if scope == "user":
        folder = env.get("CLAUDE_CONFIG_DIR")
        return (Path(folder) if folder else _home(env) / ".claude") / "settings.json"
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
    with _Explained(path):
        plan = plan_install(before, wanted, notes.get(_key(path), InstallNote()))
    backup = _backup(path, before, plan)
    remarks = (*plan.remarks, *_remarks(wanted, version, env), *_doubles(scope, _key(path), notes))
    change = Change(path, before, plan.text, remarks, backup, dry_run)
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
    note = notes.pop(_key(path), InstallNote())
    original = read_backup(backup_path(path))
    with _Explained(path):
        after = plan_uninstall(now, note, original)
    is_exact = digest(now) == note.after and (after is None or digest(after) == note.before)
    change = Change(path, now, after, backup=None if is_exact or now == after else last_change_path(path), is_dry_run=dry_run)
    if dry_run:
        return change
    if change.backup is not None and now is not None:
        write_backup(change.backup, now)
    if after is None:
        _remove_file(path, now, note)
    elif change.is_needed:
        write_text(path, after, now, _new_mode(scope))
    if original is not None and original == after:
        backup_path(path).unlink(missing_ok=True)
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


class _Explained:
    """Turns what the pure functions find wrong with the text into an error that names file, line and what to do."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, NotJson):
            why = f"is not valid JSON: {error}. Comments are not JSON. Nothing was changed; mend the file and run this again"
            raise ConfigInvalid([(f"{self._path} line {error.line}", why)]) from None
        if isinstance(error, UnexpectedShape):
            raise ConfigInvalid([(f"{self._path} line {error.line}", f"{error}. Nothing was changed; mend the file and run this again")]) from None


def _wanted(settings: Settings, scope: Scope, native: bool, status_line: bool, env: Mapping[str, str], version: Version | None) -> Wanted:
    home = _home(env) if scope == "project" else None
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
    note = dataclasses.replace(plan.note, scope=scope)
    if plan.was_pristine:
        note = dataclasses.replace(note, folder_was_missing=not change.path.parent.exists())
    if change.backup is not None and change.before is not None:
        write_backup(change.backup, change.before)
    write_notes(settings, notes | {_key(change.path): note})
    if change.is_needed and change.after is not None:
        write_text(change.path, change.after, change.before, _new_mode(scope))


def _backup(path: Path, before: str | None, plan: Plan) -> Path | None:
    """Return where the text goes that install is about to change; None if the change can be undone exactly without it."""
    if before is None or plan.text == before:
        return None
    if plan.was_pristine:
        return backup_path(path)
    return None if plan.was_as_left else last_change_path(path)


def _remove_file(path: Path, now: str | None, note: InstallNote) -> None:
    remove_file(path, now)
    if note.folder_was_missing:
        with suppress(OSError):  # something else lies there now
            path.parent.rmdir()


def _new_mode(scope: Scope) -> int:
    return 0o644 if scope == "project" else 0o600


def _key(path: Path) -> str:
    return str(path.resolve())


def _home(env: Mapping[str, str]) -> Path:
    return Path(env["HOME"]) if env.get("HOME") else Path.home()
