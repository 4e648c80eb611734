"""Wrapping the user's status line, the only live source of usage limits. There can be but one, so theirs runs within ours."""

from hookline.install.command import is_ours, status_line_command, wrapped_command
from hookline.install.document import Member, append, line_of, parse, remove, replace
from hookline.install.hooks import UnexpectedShape


def add_status_line(text: str, quoted_path: str) -> str:
    """Return the text with our status line around the user's, or alone if there is none."""
    command = _command(text)
    if command is None:
        return append(text, parse(text), {"type": "command", "command": status_line_command(quoted_path, "")}, "statusLine")
    current = str(command.node.value)
    wanted = status_line_command(quoted_path, wrapped_command(current) if is_ours(current) else current)
    return text if wanted == current else replace(text, command.node, wanted)


def remove_status_line(text: str) -> str:
    """Return the text with the user's own status line as it was."""
    command = _command(text)
    if command is None or not is_ours(command.node.value):
        return text
    own = wrapped_command(str(command.node.value))
    if own:
        return replace(text, command.node, own)
    root = parse(text)
    return remove(text, root, next(index for index, member in enumerate(root.members) if member.key == "statusLine"))


def has_status_line(text: str) -> bool:
    """Answer whether our status line stands in the text."""
    command = _command(text)
    return command is not None and is_ours(command.node.value)


def _command(text: str) -> Member | None:
    status = parse(text).member("statusLine")
    if status is None:
        return None
    command = status.node.member("command")
    if command is None or not isinstance(command.node.value, str):
        raise UnexpectedShape('"statusLine" must be an object with a "command"', line_of(text, status.start))
    return command
