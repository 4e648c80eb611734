"""Installing for an agent whose settings are JSON of the form of `hook_groups`: one record says what is the agent's own.

    class ToyInstaller(JsonHooksInstaller):
        def __init__(self) -> None:
            super().__init__(HooksFile("toy", "Toy", ".toy/settings.json", (HookEvent("ToolBegan"), HookEvent("ToolEnded"))))

Everything else of the file keeps its bytes; uninstall gives the file back as it was. An agent with more to say overrides `remarks`; one whose own
telemetry is switched on in a section of the same file names that and overrides `telemetry`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hookline.errors import ConfigInvalid
from hookline.install.change import Change, Scope
from hookline.install.command import hook_command, quote_path
from hookline.install.containers import fillings, find_theirs, sign
from hookline.install.document import Node, NotJson, new_document
from hookline.install.file import backup_path, read_backup, read_text, split_bom
from hookline.install.hook_groups import HOOKS, HookEvent, UnexpectedShape, add_hooks, check_shape, has_hooks, remove_hooks
from hookline.install.manifest import InstallNote, digest, read_notes, write_notes
from hookline.install.on_machine import found_by
from hookline.install.scripts import are_current, put_scripts, take_scripts
from hookline.install.section_values import Values, add_values, remove_values, still_put
from hookline.install.settings_change import Explained, Plan, change_of, home_of, key_of, noted, put, take_out
from hookline.settings import Settings
from hookline.spool import prepare

SCOPES: Final[tuple[Scope, ...]] = ("user", "project", "local")


@dataclass(frozen=True, slots=True)
class HooksFile:
    """What is an agent's own: its name and title, where its file lies, what is registered.

    `home_file` is the person's, below the home folder, or below the folder that the variable `folder_variable` names without its first part;
    `project_file` and `local_file` lie below a project and are empty where the agent reads none. `section` is the object of the file in which
    the agent's own telemetry is switched on, `program` what is run, where that is not the first word of the agent's name.
    """

    agent: str
    title: str
    home_file: str
    events: tuple[HookEvent, ...]
    folder_variable: str = ""
    project_file: str = ""
    local_file: str = ""
    fresh: str = ""
    section: str = ""
    program: str = ""

    def path(self, scope: Scope, env: Mapping[str, str], project_dir: Path | None = None) -> Path:
        """Return the settings file of a scope; raises ConfigInvalid where the agent reads none."""
        if scope == "user":
            folder = env.get(self.folder_variable) if self.folder_variable else ""
            return Path(folder) / Path(*Path(self.home_file).parts[1:]) if folder else home_of(env) / self.home_file
        name = self.project_file if scope == "project" else self.local_file
        if not name:
            raise ConfigInvalid([(f"--{scope}", f"{self.title} is set up in {self.path('user', env)} only: leave the option out")])
        return (project_dir or Path.cwd()) / name

    def has(self, scope: Scope) -> bool:
        """Whether the agent reads a file of a scope."""
        return scope == "user" or bool(self.project_file if scope == "project" else self.local_file)


class JsonHooksInstaller:
    """Installing behind the protocol, for one agent."""

    def __init__(self, file: HooksFile, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        self._file = file
        self._env = env
        self._project_dir = project_dir

    @property
    def file(self) -> HooksFile:
        """What is the agent's own."""
        return self._file

    def path(self, scope: Scope = "user") -> Path:
        """Return the settings file of a scope."""
        return self._file.path(scope, self._env, self._project_dir)

    def command(self, settings: Settings, scope: Scope = "user") -> str:
        """Return the command of every event."""
        home = home_of(self._env) if scope == "project" else None
        return hook_command(quote_path(settings.hook_path, home), agent=self._file.agent)

    def remarks(self, settings: Settings, scope: Scope, after: str) -> list[str]:
        """Return what the person should know; `after` is the text as install leaves it."""
        del settings, scope, after
        return []

    def telemetry(self, settings: Settings) -> Values:
        """Return the values of the section that switch the agent's own telemetry on."""
        del settings
        return {}

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put in what is wanted; running it again changes nothing."""
        path = self.path(scope)
        before, notes = read_text(path), read_notes(settings)
        with Explained(path):
            values = self.telemetry(settings) if native_telemetry and self._file.section else None
            plan = plan_install(before, self._file, self.command(settings, scope), notes.get(key_of(path), InstallNote()), values)
        remarks = [*plan.remarks, *self.remarks(settings, scope, plan.text)]
        if native_telemetry and not self._file.section:
            remarks.append(f"{self._file.title} has no OpenTelemetry of its own that can be switched on here")
        if status_line:
            remarks.append(f"{self._file.title} has no status line that others may draw")
        change = change_of(path, before, plan, tuple(remarks), dry_run=dry_run)
        if not dry_run:
            prepare(settings)
            put_scripts(settings, ())
            note = put(change, plan, scope)
            write_notes(settings, notes | {key_of(path): note})
        return change

    def uninstall(self, settings: Settings, scope: Scope, *, dry_run: bool) -> Change:
        """Take out exactly what install put in. Events that wait in the spool stay there."""
        path = self.path(scope)
        now, notes = read_text(path), read_notes(settings)
        note = notes.pop(key_of(path), InstallNote())
        with Explained(path):
            after = plan_uninstall(now, note, read_backup(backup_path(path)), self._file.section)
        change = take_out(path, now, after, note, scope, dry_run=dry_run)
        if not dry_run:
            if settings.data_dir.exists():
                write_notes(settings, notes)
            if not notes:
                take_scripts(settings, ())
        return change

    def installed(self) -> tuple[list[Path], list[Path]]:
        """Return the settings files that have the hooks, and those that cannot be read."""
        found, broken = [], []
        for path in dict.fromkeys(self.path(scope).resolve() for scope in SCOPES if self._file.has(scope)):
            try:
                if path.is_file() and has_hooks(split_bom(path.read_text("utf-8"))[1] or "{}"):
                    found.append(path)
            except (NotJson, UnexpectedShape, OSError, UnicodeDecodeError):
                broken.append(path)
        return found, broken

    def is_current(self, settings: Settings) -> bool:
        """Whether the installed scripts are those of this version."""
        return are_current(settings, ())

    def is_present(self, env: Mapping[str, str]) -> str:
        """Say by what the agent is found on this machine."""
        return found_by(self._file.program or self._file.agent.partition("-")[0], self._file.path("user", env).parent, env)


def plan_install(before: str | None, file: HooksFile, command: str, earlier: InstallNote, values: Values | None = None) -> Plan:
    """Return what installing makes of a file's text (None: there is no file); `values` are wanted in the file's section."""
    bom, text = split_bom(before or "")
    text = text if text.strip() else file.fresh or new_document({})
    check_shape(text)
    is_as_left = earlier.after == digest(before) != ""
    put: Values = still_put(text, file.section, _decoded(earlier))
    was_pristine = not is_as_left and not put and not has_hooks(text)
    keys, known = _keys(file.section), put

    def holds_ours(path: str, node: Node) -> bool:
        return bool(known)

    theirs = find_theirs(text, earlier.theirs, keys, holds_ours)
    text = add_hooks(text, file.events, command, theirs)
    remarks: tuple[str, ...] = ()
    if values is not None:
        change = add_values(text, file.section, values, put, theirs)
        text, put = change.text, change.put
        remarks = tuple(f"{file.section}.{key} is already set to {json.dumps(value)} and stays so" for key, value in change.in_the_way.items())
    note = InstallNote("", digest(bom + text), env=_encoded(put), theirs=sign(text, theirs, keys))
    note = noted(note, before, earlier, was_pristine=was_pristine, is_as_left=is_as_left)
    return Plan(bom + text, note, remarks, was_pristine, is_as_left)


def plan_uninstall(now: str | None, note: InstallNote, original: str | None, section: str = "") -> str | None:
    """Return the text without what install put in; None if there is to be no file. `original` is the backup's text."""
    bom, text = split_bom(now or "")
    if not text.strip():
        return now
    if note.after == digest(now):
        if note.was_missing:
            return None
        if original is not None and digest(original) == note.before:
            return original
    check_shape(text)
    theirs = fillings(text, note.theirs, _keys(section))
    return bom + remove_values(remove_hooks(text, theirs), section, _decoded(note), theirs)


def _keys(section: str) -> tuple[str, ...]:
    return (HOOKS, section) if section else (HOOKS,)


def _encoded(values: Values) -> dict[str, str]:
    """Return values as the note keeps them: texts."""
    return {key: json.dumps(value) for key, value in values.items()}


def _decoded(note: InstallNote) -> dict[str, Any]:
    found = {}
    for key, value in note.env.items():
        with suppress(ValueError):
            found[key] = json.loads(value)
    return found
