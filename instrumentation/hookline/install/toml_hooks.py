"""Installing for an agent whose hooks are `[[hooks]]` tables of a TOML file.

    class ToyInstaller(TomlHooksInstaller):
        def __init__(self) -> None:
            super().__init__(TomlHooksFile("toy", "Toy", ".toy/config.toml", rows))

Tables of ours stand at the end of the file, one an event. Everything else keeps its bytes; uninstall gives the file back as it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hookline.errors import ConfigInvalid
from hookline.install.change import Change, Scope
from hookline.install.command import hook_command, is_ours, quote_path
from hookline.install.file import backup_path, read_backup, read_text, split_bom
from hookline.install.hook_groups import UnexpectedShape
from hookline.install.manifest import InstallNote, digest, read_notes, write_notes
from hookline.install.scripts import are_current, put_scripts, take_scripts
from hookline.install.settings_change import Explained, Plan, change_of, home_of, key_of, noted, put, take_out
from hookline.install.toml_tables import TomlTable, append_tables, find_tables, gap_before, parse_toml, remove_tables
from hookline.settings import Settings
from hookline.spool import prepare

HOOKS: Final = "hooks"
GAP: Final = "gap"  # in the note: what stands between the person's text and ours


@dataclass(frozen=True, slots=True)
class TomlRows:
    """The tables to write, and what the person should know of them."""

    rows: tuple[TomlTable, ...]
    remarks: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TomlHooksFile:
    """What is an agent's own: its name and title, where its file lies, and its tables for a command.

    `folder_variable` names the variable that holds the folder of the file, where the agent has one.
    """

    agent: str
    title: str
    home_file: str
    rows: Callable[[Callable[..., str]], TomlRows]
    folder_variable: str = ""

    def path(self, scope: Scope, env: Mapping[str, str]) -> Path:
        """Return the settings file; raises ConfigInvalid for a scope that the agent does not have."""
        folder = env.get(self.folder_variable) if self.folder_variable else ""
        path = Path(folder) / Path(self.home_file).name if folder else home_of(env) / self.home_file
        if scope != "user":
            raise ConfigInvalid([(f"--{scope}", f"{self.title} is set up in {path} only: leave the option out")])
        return path


class TomlHooksInstaller:
    """Installing behind the protocol, for one agent."""

    def __init__(self, file: TomlHooksFile, env: Mapping[str, str] = os.environ) -> None:
        self._file = file
        self._env = env

    def path(self, scope: Scope = "user") -> Path:
        """Return the settings file."""
        return self._file.path(scope, self._env)

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put in a table for each event; running it again changes nothing."""
        path = self.path(scope)
        before, notes = read_text(path), read_notes(settings)
        wanted = self._file.rows(lambda **words: hook_command(quote_path(settings.hook_path), agent=self._file.agent, **words))
        with Explained(path):
            plan = plan_tables(before, wanted.rows, notes.get(key_of(path), InstallNote()))
        change = change_of(path, before, plan, (*wanted.remarks, *self._unheard(native_telemetry, status_line)), dry_run=dry_run)
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
            after = plan_without(now, note, read_backup(backup_path(path)))
        change = take_out(path, now, after, note, scope, dry_run=dry_run)
        if not dry_run:
            if settings.data_dir.exists():
                write_notes(settings, notes)
            if not notes:
                take_scripts(settings, ())
        return change

    def installed(self) -> tuple[list[Path], list[Path]]:
        """Return the settings file if it has the hooks, and if it cannot be read."""
        path = self.path()
        try:
            return ([path], []) if path.is_file() and _ours(split_bom(path.read_text())[1]) else ([], [])
        except (UnexpectedShape, OSError, UnicodeDecodeError):
            return [], [path]

    def is_current(self, settings: Settings) -> bool:
        """Whether the installed scripts are those of this version."""
        return are_current(settings, ())

    def _unheard(self, native_telemetry: bool, status_line: bool) -> list[str]:
        asked = {"telemetry of its own": native_telemetry, "status line that others may draw": status_line}
        return [f"{self._file.title} has no {what}" for what, is_asked in asked.items() if is_asked]


def plan_tables(before: str | None, rows: Sequence[TomlTable], earlier: InstallNote) -> Plan:
    """Return what installing makes of a file's text (None: there is no file)."""
    bom, text = split_bom(before or "")
    ours = _ours(text)
    is_as_left = earlier.after == digest(before) != ""
    was_pristine = not is_as_left and not ours
    gap = earlier.theirs.get(GAP, ("", ""))[0]
    if ours != list(rows):
        text = remove_tables(text, HOOKS, _is_ours, gap)
        gap = gap_before(text)
        text = append_tables(text, HOOKS, rows)
    note = InstallNote("", digest(bom + text), theirs={GAP: (gap, "")})
    note = noted(note, before, earlier, was_pristine=was_pristine, is_as_left=is_as_left)
    return Plan(bom + text, note, (), was_pristine, is_as_left)


def plan_without(now: str | None, note: InstallNote, original: str | None) -> str | None:
    """Return the text without what install put in; None if there is to be no file. `original` is the backup's text."""
    bom, text = split_bom(now or "")
    if note.after and note.after == digest(now):
        if note.was_missing:
            return None
        if original is not None and digest(original) == note.before:
            return original
    if now is None or not _ours(text):
        return now
    return bom + remove_tables(text, HOOKS, _is_ours, note.theirs.get(GAP, ("", ""))[0])


def _ours(text: str) -> list[dict[str, Any]]:
    if not isinstance(parse_toml(text).get(HOOKS, []), list):
        return []
    return [dict(place.value) for place in find_tables(text, HOOKS) if _is_ours(place.value)]


def _is_ours(table: TomlTable) -> bool:
    return is_ours(table.get("command"))
