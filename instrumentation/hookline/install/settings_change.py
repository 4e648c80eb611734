"""Changing one settings file so that it can be undone exactly: backup, note, whole or not at all.

A planner decides, without any I/O, what the text becomes (`Plan`); here that is done. A file whose text was free of Hookline gets a backup, and
uninstall gives that back byte for byte as long as nobody else changed the file; a text that was ours and was changed since is kept
beside it once more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hookline.errors import ConfigInvalid
from hookline.install.change import Change, Scope
from hookline.install.document import NotJson
from hookline.install.file import backup_path, last_change_path, read_backup, remove_file, write_backup, write_text
from hookline.install.hook_groups import UnexpectedShape
from hookline.install.manifest import InstallNote, digest


@dataclass(frozen=True, slots=True)
class Plan:
    """The new text, the note for uninstall, what to tell, and whether the old text was free of Hookline or as install had left it."""

    text: str
    note: InstallNote
    remarks: tuple[str, ...]
    was_pristine: bool
    was_as_left: bool


def noted(note: InstallNote, before: str | None, earlier: InstallNote, *, was_pristine: bool, is_as_left: bool) -> InstallNote:
    """Return the note with what was there before us, as far as it is known."""
    if was_pristine:
        return dataclasses.replace(note, before=digest(before), was_missing=before is None)
    if is_as_left:
        return dataclasses.replace(note, before=earlier.before, was_missing=earlier.was_missing, folder_was_missing=earlier.folder_was_missing)
    return note


def change_of(path: Path, before: str | None, plan: Plan, remarks: tuple[str, ...], *, dry_run: bool) -> Change:
    """Return what installing makes of a file."""
    return Change(path, before, plan.text, remarks, _backup(path, before, plan), dry_run)


def put(change: Change, plan: Plan, scope: Scope) -> InstallNote:
    """Write backup and text; return the note to keep."""
    note = dataclasses.replace(plan.note, scope=scope)
    if plan.was_pristine:
        note = dataclasses.replace(note, folder_was_missing=not change.path.parent.exists())
    if change.backup is not None and change.before is not None:
        write_backup(change.backup, change.before)
    if change.is_needed and change.after is not None:
        write_text(change.path, change.after, change.before, new_mode(scope))
    return note


def take_out(path: Path, now: str | None, after: str | None, note: InstallNote, scope: Scope, *, dry_run: bool) -> Change:
    """Write a file's text without ours (None: there is to be no file) and clear the backup that it makes needless."""
    original = read_backup(backup_path(path))
    is_exact = digest(now) == note.after and (after is None or digest(after) == note.before)
    change = Change(path, now, after, backup=None if is_exact or now == after else last_change_path(path), is_dry_run=dry_run)
    if dry_run:
        return change
    if change.backup is not None and now is not None:
        write_backup(change.backup, now)
    if after is None:
        _remove_file(path, now, note)
    elif change.is_needed:
        write_text(path, after, now, new_mode(scope))
    if original is not None and original == after:
        backup_path(path).unlink(missing_ok=True)
    return change


class Explained:
    """Turns what the pure functions find wrong with the text into an error that names file, line, column and what to do."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, NotJson):
            why = f"is not valid JSON, with or without comments: {error}. Nothing was changed; mend the file and run this again"
            raise ConfigInvalid([(f"{self._path} {error.place}", why)]) from None
        if isinstance(error, UnexpectedShape):
            raise ConfigInvalid([(f"{self._path} {error.place}", f"{error}. Nothing was changed; mend the file and run this again")]) from None


def new_mode(scope: Scope) -> int:
    """Return the mode of a file that we make."""
    return 0o644 if scope == "project" else 0o600


def key_of(path: Path) -> str:
    """Return the name of a file among the notes."""
    return str(path.resolve())


def home_of(env: Mapping[str, str]) -> Path:
    """Return a person's home folder."""
    return Path(env["HOME"]) if env.get("HOME") else Path.home()


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
