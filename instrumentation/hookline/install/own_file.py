"""A settings file that is wholly ours, for agents that read every file of a folder: installing creates it, uninstalling removes it.

    class ToyInstaller(OwnFileInstaller):
        def __init__(self) -> None:
            super().__init__(OwnFile("Toy", ".toy/hooks/hookline.json"))

        def text(self, settings: Settings, scope: Scope) -> str:
            return ...

A file of that name that is not ours is left alone, and the person told. One that somebody has worked on since is kept beside the folder's files
under a name that no agent reads, before it is written anew or removed.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hookline.errors import ConfigInvalid
from hookline.install.change import Change, Scope
from hookline.install.file import last_change_path, read_text, write_backup, write_text
from hookline.install.manifest import InstallNote, digest, read_notes, write_notes
from hookline.install.on_machine import found_by
from hookline.install.scripts import are_current, put_scripts, take_scripts
from hookline.install.settings_change import home_of, key_of, new_mode, take_out
from hookline.settings import Settings
from hookline.spool import prepare

SIGN: Final = "hookline"  # stands in every text of ours
SCOPES: Final[tuple[Scope, ...]] = ("user", "project")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What is an agent's own: its title, and where the file lies.

    `home_file` is the person's, below the home folder, or below the folder that the variable `folder_variable` names without its first `folder_parts`
    parts; `project_file` lies below a project and is empty where the agent reads none.
    """

    title: str
    home_file: str
    folder_variable: str = ""
    folder_parts: int = 1
    project_file: str = ""

    def path(self, scope: Scope, env: Mapping[str, str], project_dir: Path | None = None) -> Path:
        """Return the file of a scope; raises ConfigInvalid where the agent reads none."""
        if scope == "user":
            folder = env.get(self.folder_variable) if self.folder_variable else ""
            return Path(folder, *Path(self.home_file).parts[self.folder_parts :]) if folder else home_of(env) / self.home_file
        if scope != "project" or not self.project_file:
            raise ConfigInvalid([(f"--{scope}", f"{self.title} reads no such file: leave the option out, it is set up in {self.path('user', env)}")])
        return (project_dir or Path.cwd()) / self.project_file


class OwnFileInstaller(ABC):
    """Installing behind the protocol, for one agent."""

    def __init__(self, file: OwnFile, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        self._file = file
        self._env = env
        self._project_dir = project_dir

    @abstractmethod
    def text(self, settings: Settings, scope: Scope) -> str:
        """Return the file's text."""

    def remarks(self, settings: Settings, scope: Scope) -> list[str]:
        """Return what the person should know."""
        del settings, scope
        return []

    def path(self, scope: Scope = "user") -> Path:
        """Return the file of a scope."""
        return self._file.path(scope, self._env, self._project_dir)

    def home(self, scope: Scope) -> Path | None:
        """Return the folder from which paths in a text that is shared with others are written; None where nobody shares it."""
        return home_of(self._env) if scope == "project" else None

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put the file there; running it again changes nothing."""
        path, notes = self.path(scope), read_notes(settings)
        before, after = self._ours(path), self.text(settings, scope)
        note = notes.get(key_of(path), InstallNote())
        remarks = self.remarks(settings, scope)
        if status_line:
            remarks.append(f"{self._file.title} has no status line that others may draw")
        if native_telemetry:
            remarks.append(self.telemetry_remark(settings))
        is_theirs = before is not None and before != after and digest(before) != note.after
        change = Change(path, before, after, tuple(remarks), last_change_path(path) if is_theirs else None, dry_run)
        if not dry_run:
            made_folder = note.folder_was_missing or not path.parent.exists()
            prepare(settings)
            put_scripts(settings, ())
            if is_theirs and before is not None:
                write_backup(last_change_path(path), before)
            if change.is_needed:
                write_text(path, after, before, new_mode(scope))
            write_notes(settings, notes | {key_of(path): InstallNote("", digest(after), True, made_folder, scope=scope)})
        return change

    def telemetry_remark(self, settings: Settings) -> str:
        """Return what to say where the agent's own telemetry was asked for."""
        del settings
        return f"{self._file.title} sends no telemetry that says more than its hooks do: nothing was switched on"

    def uninstall(self, settings: Settings, scope: Scope, *, dry_run: bool) -> Change:
        """Remove the file. Events that wait in the spool stay there."""
        path, notes = self.path(scope), read_notes(settings)
        now = self._ours(path)
        note = notes.pop(key_of(path), InstallNote(after=digest(now)))
        change = take_out(path, now, None, note, scope, dry_run=dry_run)
        if not dry_run:
            if settings.data_dir.exists():
                write_notes(settings, notes)
            if not notes:
                take_scripts(settings, ())
        return change

    def is_present(self, env: Mapping[str, str]) -> str:
        """Say by what the agent is found: its program, named as its folder is, or that folder."""
        folder = self._file.path("user", env).parents[1]
        return found_by(folder.name.lstrip("."), folder, env)

    def installed(self) -> tuple[list[Path], list[Path]]:
        """Return the files that are ours, and those that cannot be read."""
        found, broken = [], []
        for scope in SCOPES:
            if scope == "user" or self._file.project_file:
                path = self.path(scope)
                try:
                    if path.is_file() and _is_ours(path.read_text("utf-8")):
                        found.append(path)
                except (OSError, UnicodeDecodeError):
                    broken.append(path)
        return list(dict.fromkeys(found)), broken

    def is_current(self, settings: Settings) -> bool:
        """Whether the installed script and the person's own file are those of this version."""
        path = self.path()
        return are_current(settings, ()) and (not path.is_file() or path.read_text("utf-8", "replace") == self.text(settings, "user"))

    def _ours(self, path: Path) -> str | None:
        """Return the file's text, None if there is none; raises ConfigInvalid for somebody else's."""
        text = read_text(path)
        if text is not None and not _is_ours(text):
            raise ConfigInvalid([(str(path), "is not Hookline's: move it away and run this again; nothing was changed")])
        return text


def _is_ours(text: str) -> bool:
    return SIGN in text.lower()
