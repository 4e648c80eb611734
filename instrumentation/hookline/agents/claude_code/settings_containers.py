"""The objects and lists of a settings file that install may add to, and which of them are the user's.

A container that was there before us stays when we have gone, also when it is empty then; one that we made goes with the last
thing in it. The note keeps the user's: `theirs[path] = (white space inside, digest of the container as install left it)`.
Paths are `` (the whole), `hooks`, `hooks/<event>` and `env`; beside them stands `statusLine` with the user's command as it was
written. An emptied container gets its white space back only if nobody else has written in it since: after a reformatting it is
closed up as the formatter does.
"""

from collections.abc import Iterator, Mapping

from hookline.agents.claude_code.hook_settings import HOOKS
from hookline.agents.claude_code.status_line import STATUS_LINE, written_status_line
from hookline.agents.claude_code.telemetry_settings import ENV, still_put
from hookline.install.command import is_ours
from hookline.install.document import Node, parse
from hookline.install.manifest import digest

Theirs = Mapping[str, tuple[str, str]]


def find_theirs(text: str, earlier: Theirs, put: Mapping[str, str]) -> dict[str, str]:
    """Return the user's containers in a text, each with its white space: those without anything of ours, and those already known."""
    found = {}
    known = fillings(text, earlier)
    for path, node in _containers(text):
        if path == STATUS_LINE and (written := written_status_line(text)):
            found[path] = written
        elif path != STATUS_LINE and not _holds_ours(text, path, node, put):
            found[path] = "" if node.members else text[node.start + 1 : node.end - 1]
        elif path in known:
            found[path] = known[path]
    return found


def sign(text: str, theirs: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the user's containers with the digest of each as it now stands in the text."""
    standing = _digests(text)
    return {path: (filling, standing.get(path, "")) for path, filling in theirs.items()}


def fillings(text: str, theirs: Theirs) -> dict[str, str]:
    """Return what to put into each of the user's containers if it becomes empty."""
    standing = _digests(text)
    return {path: filling if standing.get(path) == signed else "" for path, (filling, signed) in theirs.items()}


def _digests(text: str) -> dict[str, str]:
    return {path: digest(text[node.start : node.end]) for path, node in _containers(text)}


def _containers(text: str) -> Iterator[tuple[str, Node]]:
    root = parse(text)
    yield "", root
    for key in (HOOKS, ENV, STATUS_LINE):
        member = root.member(key)
        if member is not None and isinstance(member.node.value, dict):
            yield key, member.node
            yield from ((f"{key}/{event.key}", event.node) for event in member.node.members if key == HOOKS and isinstance(event.node.value, list))


def _holds_ours(text: str, path: str, node: Node, put: Mapping[str, str]) -> bool:
    if path == ENV:
        return bool(still_put(text, put))
    if not path:
        return False  # the whole is always theirs: it is a file that goes or stays by other rules
    lists = node.value.values() if path == HOOKS else [node.value]
    return any(is_ours(handler.get("command")) for groups in lists for group in groups for handler in group["hooks"])
