"""Installing for Cline: a file of our own for each event in `~/.cline/hooks/`.

Cline runs every executable file there whose name without an ending is an event's: a person's `PreToolUse` and our `PreToolUse.sh` both run, one
after the other, and what theirs answers is theirs (seen with 3.0.65). So nobody's file is touched: ours has the event's name where that is free,
else the first free ending, and uninstall takes away what is ours.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from hookline.agents.cline.identity import NAME, TITLE
from hookline.errors import ConfigInvalid
from hookline.install.change import Change, Scope
from hookline.install.command import hook_command, is_ours, quote_path
from hookline.install.file import read_text
from hookline.install.manifest import InstallNote, digest, read_notes, write_notes
from hookline.install.on_machine import found_by
from hookline.install.scripts import are_current, put_scripts, take_scripts
from hookline.install.settings_change import home_of, key_of
from hookline.settings import Settings
from hookline.spool import prepare
from hookline.system.files import write_private

EVENTS: Final = ("TaskStart", "TaskResume", "TaskCancel", "TaskComplete", "TaskError", "PreToolUse", "PostToolUse")
ENDINGS: Final = ("", ".sh", ".bash", ".zsh")
HEAD: Final = "#!/bin/sh\n# Made by `hookline install cline`; `hookline uninstall cline` takes it away.\n"


class ClineInstaller:
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        self._env = env

    def folder(self, scope: Scope = "user") -> Path:
        """Return the folder of hooks; raises ConfigInvalid for a scope in which others would run ours."""
        path = home_of(self._env) / ".cline" / "hooks"
        if scope != "user":
            raise ConfigInvalid([(f"--{scope}", f"{TITLE} is set up in {path} only: leave the option out")])
        return path

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put a file of ours in for each event; running it again changes nothing."""
        folder = self.folder(scope)
        before = _ours(folder)
        wanted = {_place(folder, event, before): _script(settings, event) for event in EVENTS}
        change = Change(folder, _told(before), _told(wanted), tuple(_remarks(native_telemetry, status_line)), is_dry_run=dry_run)
        if not dry_run:
            self._put(settings, folder, before, wanted)
        return change

    def uninstall(self, settings: Settings, scope: Scope, *, dry_run: bool) -> Change:
        """Take our files away. Events that wait in the spool stay there."""
        folder = self.folder(scope)
        before, notes = _ours(folder), read_notes(settings)
        change = Change(folder, _told(before), None if not before else "", is_dry_run=dry_run)
        if dry_run:
            return change
        made_folder = any(notes.pop(key_of(path), InstallNote()).folder_was_missing for path in before)
        for path in before:
            path.unlink(missing_ok=True)
        if made_folder:
            with suppress(OSError):  # something else lies there now
                folder.rmdir()
        notes = {key: note for key, note in notes.items() if Path(key).parent != folder.resolve()}
        if settings.data_dir.exists():
            write_notes(settings, notes)
        if not notes:
            take_scripts(settings, ())
        return change

    def installed(self) -> tuple[list[Path], list[Path]]:
        """Return our files."""
        return list(_ours(self.folder())), []

    def is_current(self, settings: Settings) -> bool:
        """Whether the installed scripts are those of this version."""
        return are_current(settings, ())

    def is_present(self, env: Mapping[str, str]) -> str:
        """Say by what Cline is found on this machine; empty where it is not."""
        return found_by(NAME, home_of(env) / ".cline", env)

    def _put(self, settings: Settings, folder: Path, before: Mapping[Path, str], wanted: Mapping[Path, str]) -> None:
        prepare(settings)
        put_scripts(settings, ())
        was_missing = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        notes = read_notes(settings)
        for path in before:
            if path not in wanted:
                path.unlink(missing_ok=True)
                notes.pop(key_of(path), None)
        for path, text in wanted.items():
            earlier = notes.get(key_of(path), InstallNote(folder_was_missing=was_missing))
            notes[key_of(path)] = InstallNote(after=digest(text), was_missing=True, folder_was_missing=earlier.folder_was_missing, scope="user")
            if before.get(path) != text:
                write_private(path, text, mode=0o700)
        write_notes(settings, notes)


def _script(settings: Settings, event: str) -> str:
    return f"{HEAD}{hook_command(quote_path(settings.hook_path), agent=NAME, event=event)}\n"


def _ours(folder: Path) -> dict[Path, str]:
    """Return our files with their texts, by the events' order."""
    found = {}
    for event in EVENTS:
        for ending in ENDINGS:
            path = folder / f"{event}{ending}"
            if text := _text_of(path):
                found[path] = text
    return found


def _text_of(path: Path) -> str:
    """Return the text of a file if it is ours."""
    try:
        text = read_text(path) or ""
    except ConfigInvalid:
        return ""
    return text if is_ours(text.rstrip("\n").rpartition("\n")[2]) else ""


def _place(folder: Path, event: str, ours: Mapping[Path, str]) -> Path:
    """Return where our file of an event goes: where it is, else under the first name that nobody has taken."""
    paths = [folder / f"{event}{ending}" for ending in ENDINGS]
    known = next((path for path in paths if path in ours), None)
    free = known or next((path for path in paths if not path.exists() and not path.is_symlink()), None)
    if free is None:
        raise ConfigInvalid([(str(folder), f"all names for a hook of {event} are taken: {', '.join(path.name for path in paths)}")])
    return free


def _told(files: Mapping[Path, str]) -> str | None:
    """Return the files as a text, for a diff."""
    lines = [f"{path.name}: {text.rstrip().rpartition(chr(10))[2]}\n" for path, text in files.items()]
    return "".join(lines) if lines else None


def _remarks(native_telemetry: bool, status_line: bool) -> list[str]:
    remarks = ["Cline does not tell when it asks a person: waits for a permission are not seen"]
    if native_telemetry:
        remarks.append("Cline's own telemetry is switched on by variables: OTEL_TELEMETRY_ENABLED=1, OTEL_EXPORTER_OTLP_ENDPOINT")
    if status_line:
        remarks.append(f"{TITLE} has no status line that others may draw")
    return remarks
