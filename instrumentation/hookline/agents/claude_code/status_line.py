"""Wrapping the user's status line, the only live source of usage limits. There can be but one, so theirs runs within ours."""

import json

from hookline.install.command import is_our_status_line, status_line_command, wrapped_command
from hookline.install.document import Member, append, parse, place_of, remove, replace
from hookline.install.hook_groups import UnexpectedShape

STATUS_LINE = "statusLine"


def add_status_line(text: str, quoted_path: str) -> str:
    """Return the text with our status line around the user's, or alone if there is none."""
    command = _command(text)
    if command is None:
        return append(text, parse(text), {"type": "command", "command": status_line_command(quoted_path, "")}, STATUS_LINE)
    current = str(command.node.value)
    wanted = status_line_command(quoted_path, wrapped_command(current) if is_our_status_line(current) else current)
    return text if wanted == current else replace(text, command.node, wanted)


def remove_status_line(text: str, written: str = "", filling: str = "") -> str:
    """Return the text with the user's own status line as it was; `written` is how theirs stood in the file, escapes and all."""
    command = _found(text)
    if command is None or not is_our_status_line(command.node.value):
        return text
    own = wrapped_command(str(command.node.value))
    if own and written and json.loads(written) == own:
        return text[: command.node.start] + written + text[command.node.end :]
    if own:
        return replace(text, command.node, own)
    root = parse(text)
    return remove(text, root, next(index for index, member in enumerate(root.members) if member.key == STATUS_LINE), filling)


def has_status_line(text: str) -> bool:
    """Answer whether our status line stands in the text."""
    command = _found(text)
    return command is not None and is_our_status_line(command.node.value)


def written_status_line(text: str) -> str:
    """Return the user's own command as it stands in the text, in its quotes; empty if there is none of theirs."""
    command = _found(text)
    return "" if command is None or is_our_status_line(command.node.value) else text[command.node.start : command.node.end]


def _command(text: str) -> Member | None:
    status = parse(text).member(STATUS_LINE)
    command = _found(text)
    if status is not None and command is None:
        raise UnexpectedShape('"statusLine" must be an object with a "command"', place_of(text, status.start))
    return command


def _found(text: str) -> Member | None:
    """Return the command's place, None where there is no status line or one of another form."""
    status = parse(text).member(STATUS_LINE)
    command = status.node.member("command") if status is not None else None
    return command if command is not None and isinstance(command.node.value, str) else None
