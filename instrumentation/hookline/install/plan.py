"""What the settings file's text becomes: decisions without any I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.install.command import hook_command
from hookline.install.document import new_document, parse
from hookline.install.events import Event
from hookline.install.file import split_bom
from hookline.install.hooks import add_hooks, check_shape, has_hooks, remove_hooks
from hookline.install.manifest import Note, digest
from hookline.install.status_line import add_status_line, has_status_line, remove_status_line
from hookline.install.telemetry import add_env, remove_env


@dataclass(frozen=True, slots=True)
class Wanted:
    """What install is to put in: paths as they stand in the commands, and variables. Empty: not wanted, and left as it is."""

    events: tuple[Event, ...]
    hook: str
    status_line: str = ""
    env: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The new text, the note for uninstall, what to tell, and whether the old text was free of Hookline and wants a backup."""

    text: str
    note: Note
    remarks: tuple[str, ...]
    was_pristine: bool


def plan_install(before: str | None, wanted: Wanted, earlier: Note) -> Plan:
    """Return what installing makes of a file's text (None: there is no file)."""
    bom, text = split_bom(before or "")
    text = text if text.strip() else new_document({})
    check_shape(text)
    is_as_left = earlier.after == digest(before) != ""
    was_pristine = not is_as_left and not has_hooks(text) and not has_status_line(text)
    remarks = ["hooks are switched off here by disableAllHooks: nothing will be seen until that is removed"] if _is_switched_off(text) else []
    text = add_hooks(text, wanted.events, hook_command(wanted.hook))
    if wanted.status_line:
        text = add_status_line(text, wanted.status_line)
    put: Mapping[str, str] = earlier.env
    if wanted.env is not None:
        change = add_env(text, wanted.env, earlier.env)
        text, put = change.text, change.put
        remarks += [f"{key} is already set to {value!r} and stays so" for key, value in change.in_the_way.items()]
    note = _note(before, bom + text, earlier, put, was_pristine, is_as_left)
    return Plan(bom + text, note, tuple(remarks), was_pristine)


def plan_uninstall(now: str | None, note: Note, original: str | None) -> str | None:
    """Return the text without what install put in; None if there is to be no file. `original` is the backup's text."""
    bom, text = split_bom(now or "")
    if not text.strip():
        return now
    if note.after == digest(now):
        if note.was_missing:
            return None
        if original is not None and digest(original) == note.before:
            return original
    text = remove_env(remove_status_line(remove_hooks(text)), note.env)
    return None if note.was_missing and not parse(text).value else bom + text


def _note(before: str | None, after: str, earlier: Note, put: Mapping[str, str], was_pristine: bool, is_as_left: bool) -> Note:
    if was_pristine:
        return Note(digest(before), digest(after), before is None, env=put)
    return Note(earlier.before if is_as_left else "", digest(after), earlier.was_missing, earlier.folder_was_missing, put)


def _is_switched_off(text: str) -> bool:
    return parse(text).value.get("disableAllHooks") is True
