"""What the settings file's text becomes: decisions without any I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.agents.claude_code.hook_events import Event
from hookline.agents.claude_code.settings_containers import fillings, find_theirs, sign
from hookline.agents.claude_code.status_line import STATUS_LINE, add_status_line, has_status_line, remove_status_line
from hookline.agents.claude_code.telemetry_settings import add_env, remove_env, still_put
from hookline.install.command import hook_command
from hookline.install.document import new_document, parse
from hookline.install.file import split_bom
from hookline.install.hook_groups import add_hooks, check_shape, has_hooks, remove_hooks
from hookline.install.manifest import InstallNote, digest
from hookline.install.settings_change import Plan, noted


@dataclass(frozen=True, slots=True)
class Wanted:
    """What install is to put in: paths as they stand in the commands, and variables. Empty: not wanted, and left as it is."""

    events: tuple[Event, ...]
    hook: str
    status_line: str = ""
    env: Mapping[str, str] | None = None


def plan_install(before: str | None, wanted: Wanted, earlier: InstallNote) -> Plan:
    """Return what installing makes of a file's text (None: there is no file)."""
    bom, text = split_bom(before or "")
    text = text if text.strip() else new_document({})
    check_shape(text)
    is_as_left = earlier.after == digest(before) != ""
    put: Mapping[str, str] = still_put(text, earlier.env)
    was_pristine = not is_as_left and not put and not has_hooks(text) and not has_status_line(text)
    remarks = ["hooks are switched off here by disableAllHooks: nothing will be seen until that is removed"] if _is_switched_off(text) else []
    theirs = find_theirs(text, earlier.theirs, put)
    text = add_hooks(text, [event.hook for event in wanted.events], hook_command(wanted.hook), theirs)
    if wanted.status_line:
        text = add_status_line(text, wanted.status_line)
    if wanted.env is not None:
        change = add_env(text, wanted.env, put, theirs)
        text, put = change.text, change.put
        remarks += [f"{key} is already set to {value!r} and stays so" for key, value in change.in_the_way.items()]
    after = bom + text
    note = InstallNote("", digest(after), env=put, theirs=sign(text, theirs))
    note = noted(note, before, earlier, was_pristine=was_pristine, is_as_left=is_as_left)
    return Plan(after, note, tuple(remarks), was_pristine, is_as_left)


def plan_uninstall(now: str | None, note: InstallNote, original: str | None) -> str | None:
    """Return the text without what install put in; None if there is to be no file. `original` is the backup's text.

    A file that we made goes only if it is as we left it: once somebody else has written in it, it is theirs and stays.
    """
    bom, text = split_bom(now or "")
    if not text.strip():
        return now
    if note.after == digest(now):
        if note.was_missing:
            return None
        if original is not None and digest(original) == note.before:
            return original
    check_shape(text)
    theirs = fillings(text, note.theirs)
    text = remove_hooks(text, theirs)
    text = remove_status_line(text, theirs.get(STATUS_LINE, ""), theirs.get("", ""))
    return bom + remove_env(text, note.env, theirs)


def _is_switched_off(text: str) -> bool:
    return parse(text).value.get("disableAllHooks") is True
